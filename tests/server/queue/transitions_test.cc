#include "server/queue/transitions.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;
using S = SweepState;

TEST(TransitionsTest, JobFollowsItsSweeps) {
  EXPECT_EQ(StateOfJob({S::kQueued, S::kQueued}, false), JobState::kQueued);
  EXPECT_EQ(StateOfJob({S::kQueued, S::kRunning}, false), JobState::kRunning);
  EXPECT_EQ(StateOfJob({S::kSucceeded, S::kQueued}, false), JobState::kRunning);
  EXPECT_EQ(StateOfJob({S::kFailed, S::kRunning}, false), JobState::kRunning);
  EXPECT_EQ(StateOfJob({S::kSucceeded, S::kSucceeded}, false), JobState::kSucceeded);
  EXPECT_EQ(StateOfJob({S::kSucceeded, S::kFailed}, false), JobState::kFailed);
  EXPECT_EQ(StateOfJob({S::kSucceeded, S::kCancelled}, false), JobState::kCancelled);
}

TEST(TransitionsTest, HeldJobIsHeldOnceNothingOfItRuns) {
  EXPECT_EQ(StateOfJob({S::kQueued, S::kQueued}, true), JobState::kHeld);
  EXPECT_EQ(StateOfJob({S::kQueued, S::kSucceeded}, true), JobState::kHeld);
  EXPECT_EQ(StateOfJob({S::kQueued, S::kRunning}, true), JobState::kRunning);
  EXPECT_EQ(StateOfJob({S::kSucceeded, S::kSucceeded}, true), JobState::kSucceeded);
}

TEST(TransitionsTest, OnlyWhatHasNotEndedIsHeldReleasedOrMoved) {
  for (const JobState state : {JobState::kQueued, JobState::kHeld, JobState::kRunning}) {
    EXPECT_THAT(CheckNotEnded(state), IsOk());
    EXPECT_THAT(CheckRetry(state),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("has not ended")));
  }
  EXPECT_THAT(CheckNotEnded(JobState::kFailed), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(TransitionsTest, OnlyFailedAndCancelledJobsAreRetried) {
  EXPECT_THAT(CheckRetry(JobState::kFailed), IsOk());
  EXPECT_THAT(CheckRetry(JobState::kCancelled), IsOk());
  EXPECT_THAT(CheckRetry(JobState::kSucceeded),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("nothing to retry")));
}

TEST(TransitionsTest, QueuedCapIsToldWithTheRemedy) {
  EXPECT_THAT(CheckQueuedCap("ann", 2, 3), IsOk());
  EXPECT_THAT(CheckQueuedCap("ann", 99, 0), IsOk());
  EXPECT_THAT(CheckQueuedCap("ann", 3, 3),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("ask an administrator")));
}

TEST(TransitionsTest, DeadlineLiesInTheFuture) {
  EXPECT_THAT(CheckDeadline(std::nullopt, 5), IsOk());
  EXPECT_THAT(CheckDeadline(6, 5), IsOk());
  EXPECT_THAT(CheckDeadline(5, 5), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(TransitionsTest, JobFollowsOnceAllOthersSucceeded) {
  using J = JobState;
  EXPECT_EQ(JudgeDependency({}), DependencyVerdict::kMayStart);
  EXPECT_EQ(JudgeDependency({J::kSucceeded, J::kSucceeded}), DependencyVerdict::kMayStart);
  EXPECT_EQ(JudgeDependency({J::kSucceeded, J::kRunning}), DependencyVerdict::kMustWait);
  EXPECT_EQ(JudgeDependency({J::kHeld}), DependencyVerdict::kMustWait);
  EXPECT_EQ(JudgeDependency({J::kRunning, J::kFailed}), DependencyVerdict::kCannotStart);
  EXPECT_EQ(JudgeDependency({J::kCancelled, J::kQueued}), DependencyVerdict::kCannotStart);
}

TEST(TransitionsTest, OnlyAJobThatSucceededOrFailedCannotBeCancelled) {
  for (const JobState state :
       {JobState::kQueued, JobState::kHeld, JobState::kRunning, JobState::kCancelled}) {
    EXPECT_THAT(CheckCancel(state), IsOk());
  }
  for (const JobState state : {JobState::kSucceeded, JobState::kFailed}) {
    EXPECT_THAT(CheckCancel(state), StatusIs(absl::StatusCode::kFailedPrecondition));
  }
}

Sweep RunningSweep(int64_t attempt) {
  Sweep sweep;
  sweep.state = S::kRunning;
  sweep.attempt = attempt;
  return sweep;
}

Attempt AttemptOf(int64_t number, AttemptState state) {
  Attempt attempt;
  attempt.number = number;
  attempt.state = state;
  return attempt;
}

TEST(TransitionsTest, FencePassesTheNewestAttemptEvenAfterItsLease) {
  EXPECT_THAT(CheckFence(RunningSweep(2), AttemptOf(2, AttemptState::kActive)), IsOk());
  Sweep queued = RunningSweep(2);
  queued.state = S::kQueued;
  EXPECT_THAT(CheckFence(queued, AttemptOf(2, AttemptState::kExpired)), IsOk());
}

TEST(TransitionsTest, FenceStopsOldEndedAndCancelledAttempts) {
  EXPECT_THAT(CheckFence(RunningSweep(3), AttemptOf(2, AttemptState::kActive)),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("stale")));
  EXPECT_THAT(CheckFence(RunningSweep(2), AttemptOf(2, AttemptState::kReleased)),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("given back")));
  Sweep sweep = RunningSweep(2);
  sweep.state = S::kCancelled;
  EXPECT_THAT(CheckFence(sweep, AttemptOf(2, AttemptState::kCancelled)),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("cancelled")));
  sweep.state = S::kSucceeded;
  EXPECT_THAT(CheckFence(sweep, AttemptOf(2, AttemptState::kSucceeded)),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("ended")));
}

TEST(TransitionsTest, SweepSucceedsWithOneUsablePoint) {
  const EndDecision decision =
      DecideEnd(AttemptEnd::kSucceeded, {kOutcomeOutOfMemory, kOutcomeOk}, std::nullopt);
  EXPECT_EQ(decision.sweep, S::kSucceeded);
  EXPECT_FALSE(decision.failure.has_value());
}

TEST(TransitionsTest, SweepWithoutUsablePointFailsWithTheReason) {
  EXPECT_EQ(DecideEnd(AttemptEnd::kSucceeded, {kOutcomeOutOfMemory}, std::nullopt).failure->reason,
            kReasonOutOfMemory);
  EXPECT_EQ(
      DecideEnd(AttemptEnd::kSucceeded, {3, kOutcomeOutOfMemory}, std::nullopt).failure->reason,
      kReasonInternal);
  EXPECT_EQ(DecideEnd(AttemptEnd::kSucceeded, {}, std::nullopt).sweep, S::kFailed);
}

TEST(TransitionsTest, ReportedFailureFailsAndReleaseQueuesAgain) {
  const EndDecision failed = DecideEnd(AttemptEnd::kFailed, {kOutcomeOk}, Failure{1, "died"});
  EXPECT_EQ(failed.sweep, S::kFailed);
  EXPECT_EQ(failed.failure->message, "died");
  EXPECT_EQ(DecideEnd(AttemptEnd::kReleased, {}, std::nullopt).sweep, S::kQueued);
}

TEST(TransitionsTest, OnlyTheSameEndIsARepetition) {
  EXPECT_TRUE(IsRepeatedEnd(AttemptState::kSucceeded, AttemptEnd::kSucceeded));
  EXPECT_FALSE(IsRepeatedEnd(AttemptState::kSucceeded, AttemptEnd::kFailed));
  EXPECT_TRUE(IsRepeatedEnd(AttemptState::kCancelled, AttemptEnd::kReleased));
  EXPECT_FALSE(IsRepeatedEnd(AttemptState::kActive, AttemptEnd::kReleased));
}

}  // namespace
}  // namespace cusp::server
