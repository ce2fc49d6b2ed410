#include "common/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "common/check.h"
#include "common/status_macros.h"

namespace cusp {
namespace {

constexpr int kChildSocketFd = 3;
// Keeps a deadline in range whatever timeout is asked for.
constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours(24 * 7);

// RAII of posix_spawn's two settings objects.
struct SpawnSettings {
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

void SetAttributes(const Subprocess::Options& options, SpawnSettings& settings) {
  // A child starts with default signal actions and nothing blocked, whatever
  // the parent's threads have set.
  sigset_t all;
  sigset_t none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&settings.attributes, &all);
  posix_spawnattr_setsigmask(&settings.attributes, &none);
  short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
  if (options.new_process_group) {
    posix_spawnattr_setpgroup(&settings.attributes, 0);
    flags = static_cast<short>(flags | POSIX_SPAWN_SETPGROUP);
  }
  posix_spawnattr_setflags(&settings.attributes, flags);
}

void SetDescriptors(const Subprocess::Options& options, int far_end, SpawnSettings& settings) {
  if (options.stdin_fd >= 0) {
    posix_spawn_file_actions_adddup2(&settings.actions, options.stdin_fd, STDIN_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&settings.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  }
  if (options.stdout_fd >= 0) {
    posix_spawn_file_actions_adddup2(&settings.actions, options.stdout_fd, STDOUT_FILENO);
  }
  if (options.stderr_fd >= 0) {
    posix_spawn_file_actions_adddup2(&settings.actions, options.stderr_fd, STDERR_FILENO);
  }
  if (far_end >= 0) {
    // dup2 onto itself also clears close-on-exec in glibc's implementation.
    posix_spawn_file_actions_adddup2(&settings.actions, far_end, kChildSocketFd);
  }
  // Some library's descriptor may lack close-on-exec; a child that held our
  // listening socket or database would keep it open after our end.
  posix_spawn_file_actions_addclosefrom_np(&settings.actions,
                                           far_end >= 0 ? kChildSocketFd + 1 : kChildSocketFd);
}

// A socketpair whose far end lies above the descriptors that the child gets,
// so that setting up one of those can't overwrite it.
absl::StatusOr<std::array<int, 2>> MakeSocketPair() {
  std::array<int, 2> pair = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return absl::UnavailableError(std::string("socketpair: ") + std::strerror(errno));
  }
  if (pair[1] < kChildSocketFd) {
    const int moved = fcntl(pair[1], F_DUPFD_CLOEXEC, kChildSocketFd);
    const int error = errno;
    close(pair[1]);
    if (moved < 0) {
      close(pair[0]);
      return absl::UnavailableError(std::string("socketpair: ") + std::strerror(error));
    }
    pair[1] = moved;
  }
  return pair;
}

std::string_view VariableName(std::string_view entry) { return entry.substr(0, entry.find('=')); }

// `extra`, and where wanted our environment but for what it has by the same names: of
// two entries of one name, some programs take the first and some the last.
std::vector<char*> MakeEnvironment(const std::vector<std::string>& extra, bool inherit) {
  std::vector<char*> envp;
  for (const std::string& entry : extra) {
    envp.push_back(const_cast<char*>(entry.c_str()));
  }
  for (char** entry = environ; inherit && *entry != nullptr; ++entry) {
    const bool replaced = std::any_of(extra.begin(), extra.end(), [entry](const std::string& ours) {
      return VariableName(ours) == VariableName(*entry);
    });
    if (!replaced) {
      envp.push_back(*entry);
    }
  }
  envp.push_back(nullptr);
  return envp;
}

// Whoever started us may have had SIGCHLD ignored, which we inherit; the kernel
// would then reap children itself and lose how they ended.
void KeepExitStatuses() {
  struct sigaction action {};
  if (sigaction(SIGCHLD, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) {
    action.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &action, nullptr);
  }
}

ExitStatus FromSiginfo(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) {
    return ExitStatus{.code = info.si_status, .signal = 0};
  }
  return ExitStatus{.code = 0, .signal = info.si_status};
}

}  // namespace

std::string ExitStatus::ToString() const {
  if (signal != 0) {
    return "killed by signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
  }
  return "exit code " + std::to_string(code);
}

absl::StatusOr<Subprocess> Subprocess::Spawn(const Options& options) {
  CUSP_CHECK(!options.argv.empty());
  KeepExitStatuses();
  std::array<int, 2> pair = {-1, -1};
  if (options.with_socket) {
    CUSP_ASSIGN_OR_RETURN(pair, MakeSocketPair());
  }
  SpawnSettings settings;
  SetAttributes(options, settings);
  SetDescriptors(options, pair[1], settings);

  std::vector<char*> argv;
  for (const std::string& arg : options.argv) {
    argv.push_back(const_cast<char*>(arg.c_str()));
  }
  argv.push_back(nullptr);
  const std::vector<char*> envp = MakeEnvironment(options.extra_env, options.inherit_env);

  Subprocess child;
  child.socket_fd_ = pair[0];
  const int error = posix_spawn(&child.pid_, argv[0], &settings.actions, &settings.attributes,
                                argv.data(), envp.data());
  if (pair[1] >= 0) {
    close(pair[1]);
  }
  if (error != 0) {
    child.pid_ = -1;
    const std::string message = options.argv[0] + ": " + std::strerror(error);
    return error == ENOENT ? absl::NotFoundError(message) : absl::UnavailableError(message);
  }
  child.pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, child.pid_, 0));
  if (child.pidfd_ < 0) {
    const std::string message = options.argv[0] + ": pidfd_open: " + std::strerror(errno);
    kill(child.pid_, SIGKILL);
    waitpid(std::exchange(child.pid_, -1), nullptr, 0);
    return absl::UnavailableError(message);
  }
  return child;
}

Subprocess::Subprocess(Subprocess&& other) noexcept { *this = std::move(other); }

Subprocess& Subprocess::operator=(Subprocess&& other) noexcept {
  if (this != &other) {
    KillAndReap();
    pid_ = std::exchange(other.pid_, -1);
    pidfd_ = std::exchange(other.pidfd_, -1);
    socket_fd_ = std::exchange(other.socket_fd_, -1);
    exit_status_ = std::exchange(other.exit_status_, std::nullopt);
  }
  return *this;
}

Subprocess::~Subprocess() { KillAndReap(); }

void Subprocess::KillAndReap() {
  if (pid_ > 0 && !exit_status_) {
    Kill(SIGKILL);
    Wait(std::chrono::hours(1));
  }
  CloseSocket();
  if (pidfd_ >= 0) {
    close(pidfd_);
    pidfd_ = -1;
  }
}

void Subprocess::CloseSocket() {
  if (socket_fd_ >= 0) {
    close(socket_fd_);
    socket_fd_ = -1;
  }
}

void Subprocess::Kill(int signal) const {
  // Through the pidfd: the number alone may by now belong to another process.
  if (pidfd_ >= 0) {
    syscall(SYS_pidfd_send_signal, pidfd_, signal, nullptr, 0);
  }
}

std::optional<ExitStatus> Subprocess::Wait(std::chrono::milliseconds timeout) {
  if (exit_status_ || pidfd_ < 0) {
    return exit_status_;
  }
  const auto deadline = std::chrono::steady_clock::now() + std::min(timeout, kLongestWait);
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd poll_fd{.fd = pidfd_, .events = POLLIN, .revents = 0};
    const int ready = poll(&poll_fd, 1, static_cast<int>(std::max<int64_t>(left.count(), 0)));
    if (ready < 0 && errno == EINTR) {
      continue;
    }
    if (ready <= 0) {
      return std::nullopt;
    }
    siginfo_t info{};
    if (waitid(P_PIDFD, static_cast<id_t>(pidfd_), &info, WEXITED) == 0) {
      exit_status_ = FromSiginfo(info);
      return exit_status_;
    }
    CUSP_CHECK(errno == EINTR);
  }
}

ExitStatus Subprocess::Terminate(std::chrono::milliseconds grace) {
  Kill(SIGTERM);
  if (const auto status = Wait(grace)) {
    return *status;
  }
  Kill(SIGKILL);
  return Wait(std::chrono::hours(1)).value_or(ExitStatus{.code = 0, .signal = SIGKILL});
}

void DieWithParent() { prctl(PR_SET_PDEATHSIG, SIGKILL); }

}  // namespace cusp
