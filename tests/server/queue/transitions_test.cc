#include "server/queue/transitions.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;
using S = SweepState;

TEST(TransitionsTest, JobFollowsItsSweeps) {
  EXPECT_EQ(StateOfJob({S::kQueued, S::kQueued}), JobState::kQueued);
  EXPECT_EQ(StateOfJob({S::kQueued, S::kRunning}), JobState::kRunning);
  EXPECT_EQ(StateOfJob({S::kSucceeded, S::kQueued}), JobState::kRunning);
  EXPECT_EQ(StateOfJob({S::kFailed, S::kRunning}), JobState::kRunning);
  EXPECT_EQ(StateOfJob({S::kSucceeded, S::kSucceeded}), JobState::kSucceeded);
  EXPECT_EQ(StateOfJob({S::kSucceeded, S::kFailed}), JobState::kFailed);
  EXPECT_EQ(StateOfJob({S::kSucceeded, S::kCancelled}), JobState::kCancelled);
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
