// cusp-runner: obeys one cusp-worker over descriptor 3, or runs one forward pass.
#include <sys/stat.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/subprocess.h"
#include "common/version.h"
#include "worker/runner/forward_command.h"
#include "worker/runner/session.h"
#include "worker/runner/torch_handler.h"

namespace {

constexpr int kSocket = 3;

constexpr int kOk = 0;
constexpr int kUsage = 2;
constexpr int kGarbage = 3;

constexpr char kHelp[] =
    "cusp-runner: builds and times models for cusp-worker, which starts it.\n"
    "\n"
    "  cusp-runner            serve the worker at the other end of descriptor 3\n"
    "  cusp-runner forward    one forward pass on given weights and inputs; see forward --help\n"
    "  cusp-runner --version  print the version\n"
    "\n"
    "Exit codes: 0 done, 2 bad usage, 3 the worker sent what is no request.\n";

bool HasSocket() {
  struct stat info {};
  return fstat(kSocket, &info) == 0 && S_ISSOCK(info.st_mode);
}

int Serve() {
  if (!HasSocket()) {
    std::fputs(
        "cusp-runner: descriptor 3 is no socket. cusp-worker starts this program by itself: use "
        "'cusp run' or 'cusp-worker', or see 'cusp-runner --help'.\n",
        stderr);
    return kUsage;
  }
  cusp::DieWithParent();
  const cusp::SystemClock clock;
  cusp::runner::TorchHandler handler(clock);
  const absl::Status status = cusp::runner::Session(handler).Serve(kSocket);
  if (!status.ok()) {
    std::fprintf(stderr, "cusp-runner: %s\n", std::string(status.message()).c_str());
    return kGarbage;
  }
  return kOk;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command.empty()) {
    return Serve();
  }
  if (command == "forward") {
    return cusp::runner::RunForward(argc - 1, argv + 1);
  }
  if (command == "--version") {
    std::printf("cusp-runner %s\n", cusp::kVersion);
    return kOk;
  }
  if (command == "--help" || command == "-h" || command == "help") {
    std::fputs(kHelp, stdout);
    return kOk;
  }
  std::fprintf(stderr, "cusp-runner: unknown argument '%s'; see cusp-runner --help\n", argv[1]);
  return kUsage;
}
