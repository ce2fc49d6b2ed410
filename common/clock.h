// Time, injected so that tests own it.
#pragma once

#include <chrono>
#include <cstdint>

namespace cusp {

// Thread-safe. Policy never calls the system's clocks itself.
class Clock {
 public:
  using Duration = std::chrono::nanoseconds;
  // Time since an arbitrary start; never jumps, not even when the date is set.
  using Monotonic = std::chrono::time_point<std::chrono::steady_clock, Duration>;

  virtual ~Clock() = default;

  // For durations, leases and deadlines.
  virtual Monotonic Now() const = 0;

  // Date and time, as microseconds since 1970-01-01 UTC: for records only.
  virtual int64_t WallMicros() const = 0;
};

// The real one.
class SystemClock final : public Clock {
 public:
  Monotonic Now() const override;
  int64_t WallMicros() const override;
};

}  // namespace cusp
