// The time that a sweep may take, and how it is shared.
#pragma once

#include "common/clock.h"

namespace cusp::measure {

// Not thread-safe; `clock` must outlive it.
class Budget {
 public:
  // `spent` was used by earlier attempts.
  Budget(const Clock& clock, Clock::Duration total, Clock::Duration spent)
      : clock_(clock), total_(total), end_(clock.Now() + total - spent) {}

  Clock::Duration total() const { return total_; }

  // Never negative.
  Clock::Duration Left() const;

  // Time by which the first of `stages` equal stages shall end, when `reserve`
  // is kept for what comes after all of them. At most two fifths of what is
  // left are kept.
  Clock::Monotonic StageEnd(int stages, Clock::Duration reserve) const;

 private:
  const Clock& clock_;
  Clock::Duration total_;
  Clock::Monotonic end_;
};

}  // namespace cusp::measure
