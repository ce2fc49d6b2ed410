#include "bench/cuspd_process.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string_view>

#include "bench/service_calls.h"
#include "common/status_macros.h"
#include "common/unique_fd.h"

namespace cusp {
namespace {

constexpr std::chrono::minutes kPatience{1};
constexpr char kLoopback[] = "127.0.0.1";

// What cuspd serves with and what its callers need, in FOLDER/pki, once for a folder.
absl::Status MakeCertificates(const std::string& folder) {
  if (std::filesystem::exists(folder + "/pki")) {
    return absl::OkStatus();
  }
  Subprocess::Options options;
  options.argv = {CUSP_DEPLOY_DIR "/make-test-ca", folder + "/pki", kLoopback};
  options.extra_env = {"CUSP_CA_DAYS=365"};  // of the usual 30 cuspd warns
  CUSP_ASSIGN_OR_RETURN(Subprocess process, Subprocess::Spawn(options));
  if (!process.Wait(kPatience).value_or(ExitStatus{.code = -1, .signal = 0}).ok()) {
    return absl::UnavailableError("no certificates for TLS");
  }
  return absl::OkStatus();
}

// The address in "listening on ADDRESS", which cuspd writes at once when it serves.
absl::StatusOr<std::string> ReadAddress(int fd) {
  constexpr std::string_view kWords = "listening on ";
  pollfd readable{.fd = fd, .events = POLLIN, .revents = 0};
  std::array<char, 256> line{};
  ssize_t length = 0;
  if (poll(&readable, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) == 1) {
    length = read(fd, line.data(), line.size());
  }
  const std::string_view text(line.data(), length > 0 ? static_cast<size_t>(length) : 0);
  const size_t end = text.find('\n');
  if (text.substr(0, kWords.size()) != kWords || end == std::string_view::npos) {
    return absl::UnavailableError("cuspd does not say where it listens");
  }
  return std::string(text.substr(kWords.size(), end - kWords.size()));
}

// Starts it with `options`, and completes what callers must know by the address.
absl::StatusOr<Subprocess> SpawnOverTls(const std::string& folder, Subprocess::Options options,
                                        ChannelOptions& caller) {
  for (const std::string& flag :
       {std::string("--listen"), std::string(kLoopback) + ":0", std::string("--tls-cert"),
        folder + "/pki/server.crt", std::string("--tls-key"), folder + "/pki/server.key"}) {
    options.argv.push_back(flag);
  }
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return absl::UnavailableError("no pipe for what cuspd says");
  }
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  options.stdout_fd = writer.get();
  CUSP_ASSIGN_OR_RETURN(Subprocess process, Subprocess::Spawn(options));
  writer = UniqueFd();  // so that a cuspd that dies ends what is read
  CUSP_ASSIGN_OR_RETURN(caller.server, ReadAddress(reader.get()));
  caller.token_file = folder + "/data/admin.token";
  caller.ca_file = folder + "/pki/ca.crt";
  return process;
}

absl::Status WaitForAnswer(const ChannelOptions& caller) {
  const auto stub = v1::JobService::NewStub(Connect(caller));
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  v1::ListJobsRequest request;
  request.set_page_size(1);
  v1::ListJobsResponse response;
  const grpc::Status answered = stub->ListJobs(&context, request, &response);
  return answered.ok()
             ? absl::OkStatus()
             : absl::UnavailableError("cuspd does not answer: " + answered.error_message());
}

}  // namespace

absl::StatusOr<CuspdProcess> CuspdProcess::Start(const std::string& folder, Transport transport) {
  ChannelOptions caller;
  caller.server = "unix:" + folder + "/s";
  Subprocess::Options options;
  options.argv = {CUSP_BIN_DIR "/cuspd", "serve",       "--data",
                  folder + "/data",      "--log-level", "warning"};
  if (transport == Transport::kTls) {
    CUSP_RETURN_IF_ERROR(MakeCertificates(folder));
  } else {
    options.argv.insert(options.argv.end(), {"--listen", caller.server});
  }
  const auto start = std::chrono::steady_clock::now();
  CUSP_ASSIGN_OR_RETURN(Subprocess process, transport == Transport::kTls
                                                ? SpawnOverTls(folder, options, caller)
                                                : Subprocess::Spawn(options));
  CUSP_RETURN_IF_ERROR(WaitForAnswer(caller));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return CuspdProcess(std::move(process), std::move(caller), seconds.count());
}

ResidentMemory CuspdProcess::Memory() const {
  std::ifstream status("/proc/" + std::to_string(process_.pid()) + "/status");
  ResidentMemory memory;
  for (std::string key; status >> key;) {
    if (key == "VmRSS:" || key == "VmHWM:") {
      int64_t kib = 0;
      status >> kib;
      (key == "VmRSS:" ? memory.now : memory.peak) = static_cast<double>(kib) / 1024;
    }
    status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return memory;
}

void CuspdProcess::Stop() { process_.Terminate(std::chrono::seconds(30)); }

void CuspdProcess::Kill() {
  process_.Kill(9);
  process_.Wait(std::chrono::seconds(30));
}

}  // namespace cusp
