// How long to wait before trying again.
#pragma once

#include <chrono>
#include <cstdint>

#include "common/random.h"

namespace cusp::worker {

// Doubles from 0.2 s to 5 s, each shortened by up to a half at random, so that
// many workers don't come back at once. Not thread-safe.
class Backoff {
 public:
  explicit Backoff(uint64_t seed) : random_(seed) {}

  std::chrono::milliseconds Next();

  // After a success.
  void Reset() { tries_ = 0; }

  // Tries since the last success.
  int tries() const { return tries_; }

 private:
  Random random_;
  int tries_ = 0;
};

}  // namespace cusp::worker
