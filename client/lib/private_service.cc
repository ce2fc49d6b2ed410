#include "client/lib/private_service.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "client/lib/client.h"
#include "common/channel.h"
#include "common/file.h"
#include "common/sha256.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

constexpr auto kStartTimeout = std::chrono::seconds(30);
constexpr int kStartAttempts = 2;
constexpr auto kStartPause = std::chrono::milliseconds(300);
constexpr auto kProbeDeadline = std::chrono::seconds(2);
constexpr auto kPollPause = std::chrono::milliseconds(20);
constexpr auto kCoordinatorGrace = std::chrono::seconds(10);
constexpr auto kRegisterTimeout = std::chrono::minutes(5);  // LibTorch on a cold disk
constexpr auto kWorkerGrace = std::chrono::seconds(10);
constexpr char kStartLock[] = "/start.lock";
constexpr size_t kTailBytes = 2000;
constexpr off_t kMaxLogBytes = 4 << 20;
// The children look at it first thing, and then don't outlive us.
constexpr char kDieWithParent[] = "CUSP_DIE_WITH_PARENT=1";

absl::Status MakePrivateFolder(const std::string& path) {
  CUSP_RETURN_IF_ERROR(MakeDirectories(path));
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != geteuid() ||
      (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::PermissionDeniedError(
        path +
        ": must be a folder of your own that nobody else may enter; remove it, or give a "
        "shorter --state");
  }
  return absl::OkStatus();
}

// Opens for appending; a log that has grown long is set aside first.
absl::StatusOr<int> OpenLog(const std::string& path, size_t* size) {
  struct stat info {};
  if (stat(path.c_str(), &info) == 0 && info.st_size > kMaxLogBytes) {
    std::rename(path.c_str(), (path + ".old").c_str());
  }
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) {
    return absl::UnavailableError(path + ": " + std::strerror(errno));
  }
  *size = fstat(fd, &info) == 0 ? static_cast<size_t>(info.st_size) : 0;
  return fd;
}

// What was written to a log since `start`, its end if that is long.
std::string TailOf(const std::string& path, size_t start) {
  absl::StatusOr<std::string> content = ReadFile(path, size_t{64} << 20U);
  if (!content.ok() || content->size() <= start) {
    return "(" + path + " is empty)";
  }
  std::string tail = content->substr(start);
  if (tail.size() > kTailBytes) {
    tail = tail.substr(tail.size() - kTailBytes);
    tail.erase(0, tail.find('\n') + 1);
  }
  while (!tail.empty() && tail.back() == '\n') {
    tail.pop_back();
  }
  return tail + "\n(end of " + path + ")";
}

}  // namespace

absl::StatusOr<std::string> SocketPath(const std::string& state, const std::string& runtime_dir) {
  std::string path = state + "/cuspd.sock";
  if (path.size() <= kMaxSocketPath) {
    return path;
  }
  const std::string name = Sha256Hex(state).substr(0, 16) + ".sock";
  std::string folder = runtime_dir.empty() ? "" : runtime_dir + "/cusp";
  if (folder.empty() || folder.size() + 1 + name.size() > kMaxSocketPath) {
    folder = "/tmp/cusp-" + std::to_string(geteuid());
  }
  CUSP_RETURN_IF_ERROR(MakePrivateFolder(folder));
  return folder + "/" + name;
}

PrivateService::PrivateService(Options options) : options_(std::move(options)) {}

PrivateService::~PrivateService() {
  StopWorker();
  if (coordinator_) {
    // Held while it stops: whoever goes on with the folder waits for its end,
    // and never meets a coordinator that still holds it but answers no more.
    const auto lock = FileLock::Take(options_.state + kStartLock);
    coordinator_->process.Terminate(kCoordinatorGrace);
  }
}

bool PrivateService::IsServing() const {
  struct stat info {};
  if (stat(options_.socket.c_str(), &info) != 0) {
    return false;
  }
  const auto channel = OpenChannel(
      {.server = address(), .token_file = "", .ca_file = "", .cert_file = "", .key_file = ""});
  if (!channel.ok()) {
    return false;
  }
  Client client(*channel, {.server = address(),
                           .deadline = kProbeDeadline,
                           .attempts = 1,
                           .revive = nullptr,
                           .sleep = nullptr});
  return client.ListJobs({.all_owners = false, .limit = 1}).ok();
}

absl::StatusOr<PrivateService::Child> PrivateService::Start(
    const std::string& binary, const std::vector<std::string>& arguments,
    const std::string& log_name) const {
  const std::string log = options_.state + "/" + log_name;
  size_t log_start = 0;
  CUSP_ASSIGN_OR_RETURN(const int fd, OpenLog(log, &log_start));
  Subprocess::Options spawn;
  spawn.argv = {options_.binary_dir + "/" + binary};
  spawn.argv.insert(spawn.argv.end(), arguments.begin(), arguments.end());
  spawn.extra_env = {kDieWithParent};
  spawn.stdout_fd = fd;
  spawn.stderr_fd = fd;
  // Ctrl-C is for us to handle: we stop the children in order.
  spawn.new_process_group = true;
  absl::StatusOr<Subprocess> process = Subprocess::Spawn(spawn);
  close(fd);
  if (!process.ok()) {
    return absl::InternalError("can't start " + binary + ": " +
                               std::string(process.status().message()) +
                               "; it belongs beside the cusp executable");
  }
  return Child{.process = *std::move(process), .log = log, .log_start = log_start};
}

absl::Status PrivateService::EnsureServing() {
  CUSP_RETURN_IF_ERROR(MakeDirectories(options_.state));
  // One process at a time looks, starts and stops.
  CUSP_ASSIGN_OR_RETURN(const FileLock lock, FileLock::Take(options_.state + kStartLock));
  if (IsServing()) {
    return absl::OkStatus();
  }
  if (coordinator_) {
    coordinator_->process.Terminate(kCoordinatorGrace);
  }
  absl::Status status;
  for (int attempt = 0; attempt < kStartAttempts; ++attempt) {
    // One that was killed with its owner may take a moment to let go.
    std::this_thread::sleep_for(attempt * kStartPause);
    CUSP_ASSIGN_OR_RETURN(
        coordinator_,
        Start("cuspd", {"serve", "--data", options_.state, "--listen", address()}, "cuspd.log"));
    status = WaitUntilServing();
    if (status.ok()) {
      break;
    }
  }
  return status;
}

absl::Status PrivateService::WaitUntilServing() {
  const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
  while (!IsServing()) {
    const std::optional<ExitStatus> end = coordinator_->process.Wait(kPollPause);
    const bool late = std::chrono::steady_clock::now() > deadline;
    if (end || late) {
      const std::string what =
          end ? "ended with " + end->ToString() : std::string("does not answer");
      const absl::Status status =
          absl::InternalError("the private coordinator for " + options_.state + " " + what + ":\n" +
                              TailOf(coordinator_->log, coordinator_->log_start));
      coordinator_.reset();
      return status;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> PrivateService::TakeWorkerDuty() {
  if (!worker_duty_) {
    CUSP_ASSIGN_OR_RETURN(worker_duty_, FileLock::TryTake(options_.state + "/worker.lock"));
  }
  return worker_duty_.has_value();
}

absl::Status PrivateService::EnsureWorker(const std::string& device) {
  if (worker_) {
    return absl::OkStatus();
  }
  CUSP_ASSIGN_OR_RETURN(const bool ours, TakeWorkerDuty());
  if (!ours) {
    return absl::OkStatus();
  }
  return StartWorker(device, {});
}

absl::Status PrivateService::StartWorker(const std::string& device,
                                         const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"--server", address(),  "--name",
                                        "local",    "--device", device.empty() ? "auto" : device};
  arguments.insert(arguments.end(), more.begin(), more.end());
  CUSP_ASSIGN_OR_RETURN(worker_, Start("cusp-worker", arguments, "worker.log"));
  return absl::OkStatus();
}

absl::Status PrivateService::RegisterWorker(const std::string& device) {
  CUSP_ASSIGN_OR_RETURN(const bool ours, TakeWorkerDuty());
  if (!ours || worker_) {
    return absl::OkStatus();
  }
  CUSP_RETURN_IF_ERROR(StartWorker(device, {"--register-only"}));
  const std::optional<ExitStatus> end = worker_->process.Wait(kRegisterTimeout);
  const std::string log = WorkerLogTail();
  StopWorker();
  if (!end || !end->ok()) {
    return absl::InternalError("the worker " + (end ? "ended with " + end->ToString() : "hangs") +
                               ":\n" + log);
  }
  return absl::OkStatus();
}

std::optional<ExitStatus> PrivateService::WorkerDeath() {
  if (!worker_) {
    return std::nullopt;
  }
  return worker_->process.Wait(std::chrono::milliseconds(0));
}

std::string PrivateService::WorkerLogTail() const {
  return worker_ ? TailOf(worker_->log, worker_->log_start) : "";
}

void PrivateService::StopWorker() {
  if (worker_) {
    worker_->process.Terminate(kWorkerGrace);
    worker_.reset();
  }
}

}  // namespace cusp::client
