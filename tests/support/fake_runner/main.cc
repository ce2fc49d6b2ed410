// fake_runner: cusp-runner's protocol with scripted costs and real misbehaviour.
// CUSP_FAKE_RUNNER_SCRIPT names the script (see script.h); without it the
// defaults count. How often a fault has happened is kept beside the script, in
// SCRIPT.faults, one byte for each time, so that restarted runners know.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

#include "common/file.h"
#include "common/frame.h"
#include "common/subprocess.h"
#include "tests/support/fake_runner/scripted_runner.h"

namespace {

constexpr int kSocket = 3;
constexpr size_t kMaxScript = 1U << 20U;
constexpr int kExitCode = 3;
// More than a pipe holds: whoever doesn't read it stops this process.
constexpr size_t kNoise = 200'000;

void Sleep(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

cusp::Script LoadScript(const std::string& path) {
  if (path.empty()) {
    return {};
  }
  const auto text = cusp::ReadFile(path, kMaxScript);
  const auto script =
      text.ok() ? cusp::ParseScript(*text) : absl::StatusOr<cusp::Script>(text.status());
  if (!script.ok()) {
    std::cerr << "fake_runner: " << script.status() << "\n";
    std::_Exit(kExitCode);
  }
  return *script;
}

int CountFault(const std::string& script, size_t index) {
  const std::string path = script + ".faults";
  const std::string seen = cusp::ReadFile(path, kMaxScript).value_or("");
  const char mark = static_cast<char>('a' + index);
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd >= 0) {
    [[maybe_unused]] const ssize_t written = write(fd, &mark, 1);
    close(fd);
  }
  return static_cast<int>(std::count(seen.begin(), seen.end(), mark));
}

// Returns only where the answer is still to be sent.
void Misbehave(const cusp::ScriptedFault& fault, const std::string& frame) {
  using Kind = cusp::ScriptedFault::Kind;
  std::cerr << "fake_runner: misbehaving as told\n" << std::flush;
  switch (fault.kind) {
    case Kind::kCrash:
      std::cerr << std::string(kNoise, '#') << "\nfake_runner: last words\n" << std::flush;
      // A sanitizer would catch it, and exit with a code.
      signal(SIGSEGV, SIG_DFL);
      raise(SIGSEGV);
      break;
    case Kind::kExit:
      std::_Exit(kExitCode);
    case Kind::kHang:
      while (true) {
        Sleep(1);
      }
    case Kind::kGarbage: {
      const std::string noise(64, '\xff');
      [[maybe_unused]] const ssize_t n = write(kSocket, noise.data(), noise.size());
      Sleep(3600);
      break;
    }
    case Kind::kCut: {
      [[maybe_unused]] const ssize_t n = write(kSocket, frame.data(), frame.size() / 2);
      std::_Exit(0);
    }
    default:
      break;
  }
}

int Serve(const cusp::Script& script, const std::string& path) {
  cusp::ScriptedRunner runner(script, static_cast<uint64_t>(getpid()),
                              [&path](size_t index) { return CountFault(path, index); });
  while (true) {
    const auto frame = cusp::ReadFrame(kSocket);
    if (!frame.ok()) {
      return absl::IsOutOfRange(frame.status()) ? 0 : 1;
    }
    cusp::runner::v1::Request request;
    if (!request.ParseFromString(*frame)) {
      return 1;
    }
    if (request.has_start()) {
      Sleep(script.start_seconds);
    }
    const cusp::ScriptedRunner::Answer answer = runner.Handle(request);
    Sleep(answer.seconds * script.sleep_scale);
    const std::string payload = answer.response.SerializeAsString();
    if (answer.fault != nullptr) {
      Misbehave(*answer.fault, cusp::EncodeFrame(payload));
    }
    if (!cusp::WriteFrame(kSocket, payload).ok()) {
      return 1;
    }
  }
}

}  // namespace

int main() {
  cusp::DieWithParent();
  const char* path = std::getenv("CUSP_FAKE_RUNNER_SCRIPT");
  const std::string script_path = path == nullptr ? "" : path;
  return Serve(LoadScript(script_path), script_path);
}
