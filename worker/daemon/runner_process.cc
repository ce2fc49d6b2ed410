#include "worker/daemon/runner_process.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <utility>

#include "common/status_macros.h"
#include "worker/daemon/runner_environment.h"

namespace cusp::worker {
namespace {

using runner::v1::Request;
using runner::v1::Response;
using std::chrono::steady_clock;

// A runner that does not even take a request is hung.
constexpr time_t kSendSeconds = 30;
// For a process whose socket has closed: it is about to be gone.
constexpr std::chrono::milliseconds kExitGrace{2000};

std::string ToText(Clock::Duration duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return ms < 10000 ? std::to_string(ms) + " ms" : std::to_string(ms / 1000) + " s";
}

}  // namespace

RunnerProcess::RunnerProcess(RunnerProcessLauncher& launcher, Subprocess process, OutputTail output)
    : launcher_(launcher), process_(std::move(process)), output_(std::move(output)) {
  const timeval limit{.tv_sec = kSendSeconds, .tv_usec = 0};
  setsockopt(process_.socket_fd(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

RunnerProcess::~RunnerProcess() { launcher_.Forget(this); }

std::string RunnerProcess::LastOutput() {
  output_.Drain();
  return output_.text().empty() ? "" : "; its last output: " + output_.text();
}

absl::Status RunnerProcess::Died(const std::string& what) {
  std::optional<ExitStatus> status = process_.Wait(kExitGrace);
  if (!status) {
    status = process_.Terminate(std::chrono::milliseconds(0));
  }
  if (launcher_.sandbox_.has_value()) {
    status = Sandbox::EndOf(*status);
  }
  std::string message = "the runner ended " + what + ": " + status->ToString();
  if (status->signal == SIGKILL) {
    message += " (by the kernel where memory ran out, unless a person did it)";
  }
  dead_ = absl::UnavailableError(message + LastOutput());
  return dead_;
}

absl::Status RunnerProcess::KillAfter(const absl::Status& cause) {
  process_.Kill(SIGKILL);
  process_.Wait(std::chrono::hours(1));
  dead_ = absl::Status(cause.code(), std::string(cause.message()) + LastOutput());
  return dead_;
}

absl::Status RunnerProcess::Send(Request request) {
  CUSP_RETURN_IF_ERROR(dead_);
  request.set_id(++last_id_);
  const absl::Status sent = WriteFrame(process_.socket_fd(), request.SerializeAsString());
  if (!sent.ok()) {
    return Died("before a request reached it");
  }
  return absl::OkStatus();
}

absl::StatusOr<Response> RunnerProcess::Decode(const std::string& frame) {
  Response response;
  if (!response.ParseFromString(frame)) {
    return KillAfter(absl::DataLossError("the runner answered with something that is no message"));
  }
  if (response.id() != last_id_) {
    return KillAfter(absl::DataLossError("the runner answered request " +
                                         std::to_string(response.id()) + " instead of " +
                                         std::to_string(last_id_)));
  }
  return response;
}

absl::Status RunnerProcess::ReadSome(bool& ended) {
  std::array<char, 65536> buffer;  // NOLINT: filled by recv
  const ssize_t n = recv(process_.socket_fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  ended = n == 0 || (n < 0 && errno == ECONNRESET);
  if (n > 0) {
    decoder_.Append(std::string_view(buffer.data(), static_cast<size_t>(n)));
  } else if (!ended && errno != EAGAIN && errno != EINTR) {
    return absl::UnavailableError(std::string("recv: ") + std::strerror(errno));
  }
  return absl::OkStatus();
}

absl::StatusOr<Response> RunnerProcess::Receive(Clock::Duration timeout) {
  CUSP_RETURN_IF_ERROR(dead_);
  const auto deadline = steady_clock::now() + timeout;
  bool ended = false;
  while (true) {
    const auto frame = decoder_.Next();
    if (!frame.ok()) {
      return KillAfter(absl::DataLossError("the runner answered with something that is no frame: " +
                                           std::string(frame.status().message())));
    }
    if (*frame) {
      return Decode(**frame);
    }
    if (ended) {
      return Died("without an answer");
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0) {
      return KillAfter(
          absl::DeadlineExceededError("the runner gave no answer within " + ToText(timeout)));
    }
    // Its output is read meanwhile: a full pipe would stop it for good.
    std::array<pollfd, 2> fds = {pollfd{.fd = process_.socket_fd(), .events = POLLIN, .revents = 0},
                                 pollfd{.fd = output_.read_fd(), .events = POLLIN, .revents = 0}};
    poll(fds.data(), fds.size(), static_cast<int>(std::min<int64_t>(left.count(), 1'000'000)));
    if (fds[1].revents != 0) {
      output_.Drain();
    }
    if (fds[0].revents != 0) {
      const absl::Status read = ReadSome(ended);
      if (!read.ok()) {
        return KillAfter(read);
      }
    }
  }
}

absl::StatusOr<std::unique_ptr<measure::RunnerConnection>> RunnerProcessLauncher::Launch() {
  // Held over the spawn, so that StopAll() misses none.
  const std::lock_guard lock(mutex_);
  if (stopped_) {
    return absl::CancelledError("stopped");
  }
  if (access(executable_.c_str(), F_OK) != 0) {
    return absl::NotFoundError(executable_ +
                               ": no such runner; name it with --runner or CUSP_RUNNER");
  }
  CUSP_ASSIGN_OR_RETURN(OutputTail output, OutputTail::Create());
  Subprocess::Options options;
  options.argv = sandbox_.has_value() ? sandbox_->Command() : std::vector<std::string>{executable_};
  options.extra_env = RunnerEnvironment(environ);
  options.inherit_env = false;
  options.with_socket = true;
  options.stdout_fd = output.write_fd();
  options.stderr_fd = output.write_fd();
  options.new_process_group = true;
  CUSP_ASSIGN_OR_RETURN(Subprocess process, Subprocess::Spawn(options));
  output.CloseWriteEnd();
  std::unique_ptr<RunnerProcess> runner(
      new RunnerProcess(*this, std::move(process), std::move(output)));
  runners_.insert(runner.get());
  return runner;
}

void RunnerProcessLauncher::StopAll() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (const RunnerProcess* runner : runners_) {
    runner->Kill();
  }
}

void RunnerProcessLauncher::Forget(RunnerProcess* runner) {
  const std::lock_guard lock(mutex_);
  runners_.erase(runner);
}

}  // namespace cusp::worker
