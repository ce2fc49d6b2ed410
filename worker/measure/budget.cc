#include "worker/measure/budget.h"

#include <algorithm>

namespace cusp::measure {

Clock::Duration Budget::Left() const {
  return std::max(end_ - clock_.Now(), Clock::Duration::zero());
}

Clock::Monotonic Budget::StageEnd(int stages, Clock::Duration reserve) const {
  const Clock::Duration left = Left();
  const Clock::Duration kept = std::min(reserve, left * 2 / 5);
  return clock_.Now() + (left - kept) / std::max(stages, 1);
}

}  // namespace cusp::measure
