// What the disk alone takes, while something else is measured on it.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "common/unique_fd.h"

namespace cusp {

// Writes 4 KiB into a file and waits for fdatasync, a hundred times a second, on a thread
// of its own: a shared disk that stands still shows here, whatever the service does.
class DiskProbe {
 public:
  // Starts at once. The file is FOLDER/probe.
  explicit DiskProbe(const std::string& folder)
      : file_(open((folder + "/probe").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR)),
        thread_([this] { Loop(); }) {}
  ~DiskProbe() { Stop(); }
  DiskProbe(const DiskProbe&) = delete;
  DiskProbe& operator=(const DiskProbe&) = delete;

  // Milliseconds of each fdatasync so far; empty where the file could not be made.
  std::vector<double> Stop() {
    stopping_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
    return times_;
  }

 private:
  void Loop() {
    const std::string page(4096, 'x');
    while (!stopping_ && pwrite(file_.get(), page.data(), page.size(), 0) > 0) {
      const auto start = std::chrono::steady_clock::now();
      if (fdatasync(file_.get()) != 0) {
        return;
      }
      times_.push_back(
          std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
              .count());
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  UniqueFd file_;
  std::atomic<bool> stopping_{false};
  std::vector<double> times_;  // the thread's until it has ended
  std::thread thread_;
};

}  // namespace cusp
