#include "tests/support/fake_clock.h"

#include "common/check.h"

namespace cusp {

Clock::Monotonic FakeClock::Now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

int64_t FakeClock::WallMicros() const {
  const std::lock_guard lock(mutex_);
  return std::chrono::duration_cast<std::chrono::microseconds>(wall_).count();
}

void FakeClock::Advance(Duration duration) {
  CUSP_CHECK(duration >= Duration::zero());
  const std::lock_guard lock(mutex_);
  now_ += duration;
  wall_ += duration;
}

void FakeClock::SetWallMicros(int64_t micros) {
  const std::lock_guard lock(mutex_);
  wall_ = std::chrono::microseconds(micros);
}

}  // namespace cusp
