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

JobState StateOfJob(const std::vector<SweepState>& sweeps, bool held) {
  CUSP_CHECK(!sweeps.empty());
  const auto all = [&](auto test) { return std::all_of(sweeps.begin(), sweeps.end(), test); };
  const auto has = [&](SweepState state) {
    return std::find(sweeps.begin(), sweeps.end(), state) != sweeps.end();
  };
  if (held && has(SweepState::kQueued) && !has(SweepState::kRunning)) {
    return JobState::kHeld;
  }
  if (all([](SweepState s) { return s == SweepState::kQueued; })) {
    return JobState::kQueued;
  }
  if (!all([](SweepState s) { return HasEnded(s); })) {
    return JobState::kRunning;
  }
  if (has(SweepState::kCancelled)) {
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

absl::Status CheckNotEnded(JobState state) {
  if (HasEnded(state)) {
    return absl::FailedPreconditionError("the job has ended already; nothing of it is queued");
  }
  return absl::OkStatus();
}

absl::Status CheckRetry(JobState state) {
  if (state == JobState::kSucceeded) {
    return absl::FailedPreconditionError("the job has succeeded; there is nothing to retry");
  }
  if (!HasEnded(state)) {
    return absl::FailedPreconditionError(
        "the job has not ended; retry it once it has failed or was cancelled");
  }
  return absl::OkStatus();
}

absl::Status CheckQueuedCap(const std::string& user, int64_t queued, int64_t max_queued) {
  if (max_queued > 0 && queued >= max_queued) {
    return absl::ResourceExhaustedError(
        "user \"" + user + "\" has " + std::to_string(queued) + " jobs queued, of " +
        std::to_string(max_queued) +
        " allowed; wait until one starts, cancel some, or ask an administrator for a higher cap");
  }
  return absl::OkStatus();
}

absl::Status CheckDeadline(std::optional<int64_t> deadline_us, int64_t now_us) {
  if (deadline_us && *deadline_us <= now_us) {
    return absl::InvalidArgumentError("the deadline has passed already; give a later one");
  }
  return absl::OkStatus();
}

DependencyVerdict JudgeDependency(const std::vector<JobState>& after) {
  DependencyVerdict verdict = DependencyVerdict::kMayStart;
  for (const JobState state : after) {
    if (state == JobState::kFailed || state == JobState::kCancelled) {
      return DependencyVerdict::kCannotStart;
    }
    if (state != JobState::kSucceeded) {
      verdict = DependencyVerdict::kMustWait;
    }
  }
  return verdict;
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
