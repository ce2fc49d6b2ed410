// A timer without a clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "worker/runner/timer.h"

namespace cusp::runner {

// Every mark is 10 ns after the one before. Not thread-safe.
class CountingTimer final : public Timer {
 public:
  void Begin(size_t marks) override {
    announced_ = marks;
    marks_ = 0;
  }
  void Mark() override { ++marks_; }
  std::vector<int64_t> Finish() override { return std::vector<int64_t>(marks_ - 1, 10); }

  // Of the latest sample.
  size_t announced() const { return announced_; }
  size_t marks() const { return marks_; }

 private:
  size_t announced_ = 0;
  size_t marks_ = 0;
};

}  // namespace cusp::runner
