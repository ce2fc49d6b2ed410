// A neighbour on the same cores that comes and goes, for benchmarks.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "common/random.h"
#include "common/subprocess.h"

namespace cusp {

// Owns processes that spin while they are on, for 0.2 to 3 s at a time, and are stopped
// as long in between. Made before other threads are, as it forks. Not thread-safe.
class Neighbour {
 public:
  explicit Neighbour(int processes) {
    for (int i = 0; i < processes; ++i) {
      const pid_t pid = fork();
      if (pid == 0) {
        DieWithParent();
        volatile uint64_t spins = 0;
        while (true) {
          spins = spins + 1;
        }
      }
      pids_.push_back(pid);
    }
    Signal(SIGSTOP);
  }
  ~Neighbour() {
    Leave();
    Signal(SIGKILL);
    for (const pid_t pid : pids_) {
      waitpid(pid, nullptr, 0);
    }
  }
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;

  // Comes and goes from now on, at times drawn from `seed`.
  void Come(uint64_t seed) {
    left_ = false;
    thread_ = std::thread([this, seed] {
      Random random(seed);
      bool on = true;
      std::unique_lock lock(mutex_);
      while (!left_) {
        Signal(on ? SIGCONT : SIGSTOP);
        on = !on;
        changed_.wait_for(lock, std::chrono::duration<double>(0.2 + 2.8 * random.Uniform()),
                          [this] { return left_; });
      }
      Signal(SIGSTOP);
    });
  }

  // Is stopped when this returns.
  void Leave() {
    {
      const std::lock_guard lock(mutex_);
      left_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
      thread_.join();
    }
  }

 private:
  void Signal(int signal) const {
    for (const pid_t pid : pids_) {
      kill(pid, signal);
    }
  }

  std::vector<pid_t> pids_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool left_ = true;
  std::thread thread_;
};

}  // namespace cusp
