// Ctrl-C and the like, for commands that must clean up.
#pragma once

namespace cusp::client {

// While it lives, SIGINT, SIGTERM and SIGHUP are only noted. A second one,
// kEchoMillis or more after the first, ends the process at once, so that nobody
// is kept waiting; children that were told to die with their parent do so. One
// at a time, main thread only.
class Interrupt {
 public:
  // `timeout` signals the process and then its group, and a closed terminal
  // hangs up twice: what follows closer than this is the same wish.
  static constexpr int kEchoMillis = 200;

  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // The signal noted, or 0.
  int signal() const;

  // Exit code that a shell expects after it: 128 and the signal's number.
  int ExitCode() const { return 128 + signal(); }
};

}  // namespace cusp::client
