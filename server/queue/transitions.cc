#include "server/queue/transitions.h"

#include <algorithm>
#include <string>

#include "common/check.h"

namespace cusp::server {

bool HasEnded(JobState state) {
  return state == JobState::kSucceeded || state == JobState::kFailed ||
         state == JobState::kCancelled;
}

bool HasEnded(SweepState state) {
  return state == SweepState::kSucceeded || state == SweepState::kFailed ||
         state == SweepState::kCancelled;
}

JobState StateOfJob(const std::vector<SweepState>& sweeps) {
  CUSP_CHECK(!sweeps.empty());
  const auto all = [&](auto test) { return std::all_of(sweeps.begin(), sweeps.end(), test); };
  if (all([](SweepState s) { return s == SweepState::kQueued; })) {
    return JobState::kQueued;
  }
  if (!all([](SweepState s) { return HasEnded(s); })) {
    return JobState::kRunning;
  }
  if (std::count(sweeps.begin(), sweeps.end(), SweepState::kCancelled) > 0) {
    return JobState::kCancelled;
  }
  return all([](SweepState s) { return s == SweepState::kSucceeded; }) ? JobState::kSucceeded
                                                                       : JobState::kFailed;
}

absl::Status CheckCancel(JobState state) {
  if (state == JobState::kSucceeded || state == JobState::kFailed) {
    return absl::FailedPreconditionError("the job has ended already; there is nothing to cancel");
  }
  return absl::OkStatus();
}

absl::Status CheckFence(const Sweep& sweep, const Attempt& attempt) {
  if (attempt.number != sweep.attempt) {
    return absl::FailedPreconditionError("attempt " + std::to_string(attempt.number) +
                                         " is stale: attempt " + std::to_string(sweep.attempt) +
                                         " has taken the sweep over");
  }
  if (sweep.state == SweepState::kCancelled) {
    return absl::FailedPreconditionError("the job was cancelled");
  }
  if (HasEnded(sweep.state)) {
    return absl::FailedPreconditionError("the sweep has ended already");
  }
  if (attempt.state != AttemptState::kActive && attempt.state != AttemptState::kExpired) {
    return absl::FailedPreconditionError("attempt " + std::to_string(attempt.number) +
                                         " was given back");
  }
  return absl::OkStatus();
}

EndDecision DecideEnd(AttemptEnd end, const std::vector<int>& cost_outcomes,
                      const std::optional<Failure>& failure) {
  if (end == AttemptEnd::kReleased) {
    return {AttemptState::kReleased, SweepState::kQueued, std::nullopt};
  }
  if (end == AttemptEnd::kFailed) {
    return {AttemptState::kFailed, SweepState::kFailed,
            failure.value_or(Failure{kReasonInternal, "the worker gave no reason"})};
  }
  const auto count = [&](int outcome) {
    return std::count(cost_outcomes.begin(), cost_outcomes.end(), outcome);
  };
  if (count(kOutcomeOk) > 0) {
    return {AttemptState::kSucceeded, SweepState::kSucceeded, std::nullopt};
  }
  const bool all_out_of_memory =
      !cost_outcomes.empty() &&
      count(kOutcomeOutOfMemory) == static_cast<std::ptrdiff_t>(cost_outcomes.size());
  if (all_out_of_memory) {
    return {AttemptState::kSucceeded, SweepState::kFailed,
            Failure{kReasonOutOfMemory,
                    "every point ran out of memory; use shorter lengths, "
                    "a smaller preset or a larger device"}};
  }
  return {AttemptState::kSucceeded, SweepState::kFailed,
          Failure{kReasonInternal,
                  "no point could be measured; the failures of the points tell "
                  "why"}};
}

bool IsRepeatedEnd(AttemptState state, AttemptEnd end) {
  switch (end) {
    case AttemptEnd::kSucceeded:
      return state == AttemptState::kSucceeded;
    case AttemptEnd::kFailed:
      return state == AttemptState::kFailed;
    case AttemptEnd::kReleased:
      return state == AttemptState::kReleased || state == AttemptState::kCancelled;
  }
  return false;
}

}  // namespace cusp::server
