// When jobs, sweeps and attempts change their state. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/queue/records.h"

namespace cusp::server {

bool HasEnded(JobState state);
bool HasEnded(SweepState state);

// A job's state by its sweeps': QUEUED while none was taken, RUNNING while some
// are leased or done, then SUCCEEDED only when every sweep did. A held one is HELD
// while something of it is queued and nothing leased. `sweeps` is not empty.
JobState StateOfJob(const std::vector<SweepState>& sweeps, bool held);

// OK, or FAILED_PRECONDITION with the reason. Cancelling twice is fine.
absl::Status CheckCancel(JobState state);

// The same for what changes nothing but queued sweeps: hold, release, priority.
absl::Status CheckNotEnded(JobState state);

// The same for a retry, which needs an end other than success.
absl::Status CheckRetry(JobState state);

// OK, or RESOURCE_EXHAUSTED with the remedy, for one more job of a user who has
// `queued` of at most `max_queued`; 0: no cap.
absl::Status CheckQueuedCap(const std::string& user, int64_t queued, int64_t max_queued);

// OK, or INVALID_ARGUMENT, for the deadline of a job that is submitted now.
absl::Status CheckDeadline(std::optional<int64_t> deadline_us, int64_t now_us);

// What a job that others have to precede may do, by their states.
enum class DependencyVerdict { kMayStart, kMustWait, kCannotStart };
DependencyVerdict JudgeDependency(const std::vector<JobState>& after);

// The fence: whether a report of `attempt` may still change `sweep`. An attempt
// is stale once a newer one exists, and void once its sweep has ended; an
// expired lease alone does neither. FAILED_PRECONDITION with the reason.
absl::Status CheckFence(const Sweep& sweep, const Attempt& attempt);

// What a worker said of its attempt's end.
enum class AttemptEnd { kSucceeded = 1, kFailed = 2, kReleased = 3 };

// What follows from an attempt's end.
struct EndDecision {
  AttemptState attempt = AttemptState::kReleased;
  SweepState sweep = SweepState::kQueued;
  std::optional<Failure> failure;
};

// `cost_outcomes` has the outcome of every cost of the result. A sweep succeeds
// only with at least one usable point; one that was given back is queued again.
EndDecision DecideEnd(AttemptEnd end, const std::vector<int>& cost_outcomes,
                      const std::optional<Failure>& failure);

// Whether an attempt that ended in `state` is what `end` asks for again.
bool IsRepeatedEnd(AttemptState state, AttemptEnd end);

}  // namespace cusp::server
