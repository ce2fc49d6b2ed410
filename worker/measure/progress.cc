#include "worker/measure/progress.h"

#include <algorithm>

#include "google/protobuf/util/time_util.h"

namespace cusp::measure {
namespace {

constexpr Clock::Duration kEstimateEvery = std::chrono::seconds(2);

}  // namespace

void ProgressMeter::BlockTook(const Plan& plan, Clock::Duration duration) {
  Cost& cost = costs_[&plan];
  cost.total += duration;
  ++cost.blocks;
}

Clock::Duration ProgressMeter::TimeLeft(const Plan& plan, Clock::Duration otherwise) const {
  const auto it = costs_.find(&plan);
  const Clock::Duration each =
      it == costs_.end() ? otherwise : it->second.total / it->second.blocks;
  return each * plan.BlocksLeft();
}

v1::SweepProgress ProgressMeter::Make(int64_t current_length, const std::string& phase,
                                      Clock::Duration budget_left) {
  v1::SweepProgress progress;
  int64_t done = 0;
  int64_t left = 0;
  Clock::Duration time_left{0};
  for (const Plan& plan : plans_) {
    done += plan.blocks();
    left += plan.BlocksLeft();
    time_left += TimeLeft(plan, std::chrono::seconds(1));
  }
  if (estimates_.empty() || clock_.Now() - estimated_at_ >= kEstimateEvery) {
    estimates_.clear();
    for (const Plan& plan : plans_) {
      for (Plan::Found& found : plan.Comparisons()) {
        v1::Estimate estimate;
        *estimate.mutable_comparison() = std::move(found.comparison);
        estimate.set_settled(found.settled);
        estimates_.push_back(std::move(estimate));
      }
    }
    estimated_at_ = clock_.Now();
  }
  progress.set_blocks_done(done);
  progress.set_blocks_expected(done + left);
  progress.set_current_length(current_length);
  progress.set_phase(phase);
  *progress.mutable_time_left() = google::protobuf::util::TimeUtil::NanosecondsToDuration(
      std::min(time_left, budget_left).count());
  progress.mutable_estimates()->Add(estimates_.begin(), estimates_.end());
  return progress;
}

}  // namespace cusp::measure
