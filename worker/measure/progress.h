// How far a sweep is, and how long it will take.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "common/clock.h"
#include "cusp/v1/job.pb.h"
#include "worker/measure/plan.h"

namespace cusp::measure {

// Makes progress messages from what blocks cost so far. Not thread-safe; what
// it is given must outlive it.
class ProgressMeter {
 public:
  ProgressMeter(const std::deque<Plan>& plans, const Clock& clock) : plans_(plans), clock_(clock) {}

  // A block of this plan took so long.
  void BlockTook(const Plan& plan, Clock::Duration duration);

  // Time that the blocks of this plan still to come will take; nothing known
  // counts as `otherwise` each.
  Clock::Duration TimeLeft(const Plan& plan, Clock::Duration otherwise) const;

  // The message; `budget_left` bounds the time left. Estimates of comparisons
  // cost a bootstrap, so they are made anew every few seconds only.
  v1::SweepProgress Make(int64_t current_length, const std::string& phase,
                         Clock::Duration budget_left);

 private:
  struct Cost {
    Clock::Duration total{0};
    int64_t blocks = 0;
  };

  const std::deque<Plan>& plans_;
  const Clock& clock_;
  std::map<const Plan*, Cost> costs_;
  std::vector<v1::Estimate> estimates_;
  Clock::Monotonic estimated_at_{};
};

}  // namespace cusp::measure
