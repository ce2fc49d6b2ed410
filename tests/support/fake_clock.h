// A clock that moves only when told to.
#pragma once

#include <cstdint>
#include <mutex>

#include "common/clock.h"

namespace cusp {

// Starts at an arbitrary but fixed time. Thread-safe, so that a test can move
// the time that a server's thread reads.
class FakeClock final : public Clock {
 public:
  Monotonic Now() const override;
  int64_t WallMicros() const override;

  // Moves both times forward together; `duration` is not negative.
  void Advance(Duration duration);

  // Sets date and time alone, as an administrator or NTP does.
  void SetWallMicros(int64_t micros);

 private:
  mutable std::mutex mutex_;
  Monotonic now_{std::chrono::hours(1)};
  // 2026-01-01 00:00:00 UTC. In nanoseconds, so that small steps add up.
  std::chrono::nanoseconds wall_{std::chrono::seconds(1'767'225'600)};
};

}  // namespace cusp
