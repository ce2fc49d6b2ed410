// One child process, from spawn to reap.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cusp {

// How a process ended.
struct ExitStatus {
  int code = 0;    // exit code, where signal is 0
  int signal = 0;  // signal that ended it, or 0

  bool ok() const { return code == 0 && signal == 0; }
  // "exit code 3", "killed by signal 9 (Killed)".
  std::string ToString() const;
};

// Owns the whole life of a child: posix_spawn, descriptors, signals, reaping.
// The destructor kills and reaps what still runs, so no zombie outlives it.
// The child gets descriptors 0 to 2, the socket where asked for, and no others.
// Not thread-safe, but for Kill().
class Subprocess {
 public:
  struct Options {
    std::vector<std::string> argv;  // argv[0] is the path of the executable
    // "NAME=value" entries of the child's environment, beside or in place of
    // this process's.
    std::vector<std::string> extra_env = {};
    // Whether the child gets this process's environment too.
    bool inherit_env = true;
    // Creates a socketpair whose far end is the child's descriptor 3.
    bool with_socket = false;
    // Descriptors for the child's 0, 1 and 2; -1 keeps stdout and stderr, and
    // gives /dev/null as stdin.
    int stdin_fd = -1;
    int stdout_fd = -1;
    int stderr_fd = -1;
    // Puts the child into a process group of its own, so that a terminal's
    // Ctrl-C reaches only us.
    bool new_process_group = false;
  };

  // NOT_FOUND where the executable is missing, UNAVAILABLE for other causes.
  static absl::StatusOr<Subprocess> Spawn(const Options& options);

  Subprocess(Subprocess&& other) noexcept;
  Subprocess& operator=(Subprocess&& other) noexcept;
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;
  ~Subprocess();

  pid_t pid() const { return pid_; }

  // Near end of the socketpair, or -1. Stays owned by this object.
  int socket_fd() const { return socket_fd_; }

  // Closes the near end: the child reads end-of-stream.
  void CloseSocket();

  // Sends a signal; nothing where the child has been reaped.
  void Kill(int signal) const;

  // Waits up to `timeout` (a week at most) for the end; nothing where it still
  // runs. Once ended the same answer is given again.
  std::optional<ExitStatus> Wait(std::chrono::milliseconds timeout);

  // SIGTERM, up to `grace` of waiting, then SIGKILL; always reaps.
  ExitStatus Terminate(std::chrono::milliseconds grace);

 private:
  Subprocess() = default;
  void KillAndReap();

  pid_t pid_ = -1;
  int pidfd_ = -1;
  int socket_fd_ = -1;
  std::optional<ExitStatus> exit_status_;
};

// Makes the calling process die with SIGKILL when its parent does. For mains
// of children that must not outlive whoever started them. To the kernel the
// parent is the thread that spawned: it must live as long as the child.
void DieWithParent();

}  // namespace cusp
