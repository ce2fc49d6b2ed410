#include "server/store/job_changes.h"

#include "server/store/blocks.h"
#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Actor kOwner{"u", false};
const Actor kStranger{"v", false};
const Actor kAdmin{"root", true};

class JobChangesTest : public DatabaseTest {
 protected:
  // Rows of the audit log with this action.
  int64_t Audited(const std::string& action) {
    return Number("SELECT count(*) FROM audit WHERE action = '" + action + "'");
  }

  absl::Status Append(const AttemptName& name, int64_t number) {
    Provenance provenance;
    provenance.device_class = "CPU";
    provenance.host = "h";
    Block block;
    block.block = number;
    block.length = 64;
    block.batch_size = 1;
    block.samples.push_back({.variant = "a",
                             .metric = 1,
                             .value = 1,
                             .outcome = kOutcomeOk,
                             .calls = 1,
                             .order = 0,
                             .failure_message = ""});
    Transaction tx = Tx();
    return AppendBlocks(tx, name, provenance, {block}).status();
  }
};

TEST_F(JobChangesTest, CancelEndsSweepsAndAttempts) {
  const Job job = Insert("abc", 2);
  LeaseTo("w");
  Transaction tx = Tx();
  ASSERT_THAT(CancelJob(tx, job.id, kOwner), IsOk());
  ASSERT_THAT(CancelJob(tx, job.id, kOwner), IsOk());
  EXPECT_EQ(LoadJob(*db_, job.id, false)->sweeps_ended, 2);
  EXPECT_THAT(ActiveLeases(*db_), IsOkAndHolds(IsEmpty()));
  EXPECT_EQ(Audited("job_cancelled"), 1);
}

TEST_F(JobChangesTest, OnlyTheOwnerAndAdministratorsChangeAJob) {
  const Job job = Insert("abc");
  Transaction tx = Tx();
  const auto denied = StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("\"u\""));
  EXPECT_THAT(CancelJob(tx, job.id, kStranger), denied);
  EXPECT_THAT(HoldJob(tx, job.id, kStranger), denied);
  EXPECT_THAT(ReleaseJob(tx, job.id, kStranger), denied);
  EXPECT_THAT(RetryJob(tx, job.id, kStranger), denied);
  EXPECT_THAT(SetJobPriority(tx, job.id, kStranger, 5), denied);
  EXPECT_EQ(StateOf(job), JobState::kQueued);
  EXPECT_THAT(HoldJob(tx, job.id, kAdmin), IsOk());
}

TEST_F(JobChangesTest, UnknownJobIsNotFound) {
  Transaction tx = Tx();
  EXPECT_THAT(HoldJob(tx, 99, kOwner), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(RetryJob(tx, 99, kOwner), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(JobChangesTest, HeldJobIsGivenToNobodyUntilReleased) {
  const Job job = Insert("abc");
  Transaction tx = Tx();
  ASSERT_THAT(HoldJob(tx, job.id, kOwner), IsOk());
  ASSERT_THAT(HoldJob(tx, job.id, kOwner), IsOk());
  EXPECT_EQ(StateOf(job), JobState::kHeld);
  EXPECT_TRUE(IsIdle(LeaseTo("w")));
  changes_ = {};
  ASSERT_THAT(ReleaseJob(tx, job.id, kOwner), IsOk());
  EXPECT_THAT(changes_.queued_devices, ElementsAre("auto"));
  EXPECT_EQ(LeaseTo("w").job, "abc");
  EXPECT_EQ(Audited("job_held"), 1);
  EXPECT_EQ(Audited("job_released"), 1);
}

TEST_F(JobChangesTest, WhatRunsGoesOnWhileTheRestIsHeld) {
  const Job job = Insert("abc", 2);
  const AttemptName name = LeaseTo("w");
  Transaction tx = Tx();
  ASSERT_THAT(HoldJob(tx, job.id, kOwner), IsOk());
  EXPECT_EQ(StateOf(job), JobState::kRunning);
  EXPECT_EQ(SyncWorker(tx, {"w", name, false})->action, SyncAction::kMeasure);
  ASSERT_THAT(Finish(name, AttemptEnd::kSucceeded), IsOk());
  EXPECT_EQ(StateOf(job), JobState::kHeld);
  EXPECT_TRUE(IsIdle(LeaseTo("w")));
}

TEST_F(JobChangesTest, SweepOfAHeldJobThatIsGivenBackStaysHeld) {
  const Job job = Insert("abc");
  const AttemptName name = LeaseTo("w");
  Transaction tx = Tx();
  ASSERT_THAT(HoldJob(tx, job.id, kOwner), IsOk());
  changes_ = {};
  ASSERT_THAT(Finish(name, AttemptEnd::kReleased), IsOk());
  EXPECT_THAT(changes_.queued_devices, IsEmpty());
  EXPECT_TRUE(IsIdle(LeaseTo("w")));
}

TEST_F(JobChangesTest, EndedJobIsNeitherHeldNorMoved) {
  const Job job = Insert("abc");
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kSucceeded), IsOk());
  Transaction tx = Tx();
  const auto refused = StatusIs(absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(HoldJob(tx, job.id, kOwner), refused);
  EXPECT_THAT(ReleaseJob(tx, job.id, kOwner), refused);
  EXPECT_THAT(SetJobPriority(tx, job.id, kOwner, 5), refused);
  EXPECT_THAT(RetryJob(tx, job.id, kOwner), refused);
  EXPECT_THAT(CancelJob(tx, job.id, kOwner), refused);
}

TEST_F(JobChangesTest, RetryQueuesOnlyWhatIsMissing) {
  const Job job = Insert("abc", 3);
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kSucceeded), IsOk());
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kFailed), IsOk());
  Transaction tx = Tx();
  ASSERT_THAT(CancelJob(tx, job.id, kOwner), IsOk());
  changes_ = {};
  ASSERT_THAT(RetryJob(tx, job.id, kOwner), IsOk());
  const auto retried = LoadJob(*db_, job.id, false);
  EXPECT_EQ(retried->state, JobState::kRunning);
  EXPECT_FALSE(retried->end_time_us.has_value());
  EXPECT_EQ(retried->sweeps[0].state, SweepState::kSucceeded);
  EXPECT_EQ(retried->sweeps[1].state, SweepState::kQueued);
  EXPECT_FALSE(retried->sweeps[1].failure.has_value());
  EXPECT_EQ(retried->sweeps[2].state, SweepState::kQueued);
  EXPECT_EQ(changes_.queued_devices.size(), 2U);
  // A result may be stored again.
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kSucceeded), IsOk());
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kSucceeded), IsOk());
  EXPECT_EQ(StateOf(job), JobState::kSucceeded);
  EXPECT_EQ(Audited("job_retried"), 1);
}

TEST_F(JobChangesTest, RetryGoesOnAfterTheLastCommittedBlock) {
  const Job job = Insert("abc");
  const AttemptName name = LeaseTo("w");
  ASSERT_THAT(Append(name, 1), IsOk());
  ASSERT_THAT(Append(name, 2), IsOk());
  Transaction tx = Tx();
  ASSERT_THAT(CancelJob(tx, job.id, kOwner), IsOk());
  ASSERT_THAT(RetryJob(tx, job.id, kOwner), IsOk());
  const auto answer = SyncWorker(tx, {"w", std::nullopt, false});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->sweep.blocks_committed, 2);
  EXPECT_EQ(answer->lease.attempt, 2);
  // The attempt of before the cancellation stays void.
  EXPECT_EQ(SyncWorker(tx, {"w", name, false})->action, SyncAction::kAbandon);
}

TEST_F(JobChangesTest, RetryCountsAsQueueingForTheCap) {
  const Job job = Insert("abc");
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kFailed), IsOk());
  ASSERT_THAT(db_->Execute("UPDATE users SET max_queued = 1"), IsOk());
  Insert("def");
  Transaction tx = Tx();
  EXPECT_THAT(RetryJob(tx, job.id, kOwner), StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(JobChangesTest, RetriedFollowerWaitsForTheOtherAgain) {
  const Job first = Insert("a1");
  NewJob described = Describe("b1");
  described.after_ok = {"a1"};
  const Job follower = Insert(described);
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kFailed), IsOk());
  Transaction tx = Tx();
  EXPECT_THAT(RetryJob(tx, follower.id, kOwner),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("job a1")));
  ASSERT_THAT(RetryJob(tx, first.id, kOwner), IsOk());
  ASSERT_THAT(RetryJob(tx, follower.id, kOwner), IsOk());
  const AttemptName again = LeaseTo("w");
  EXPECT_EQ(again.job, "a1");
  EXPECT_TRUE(IsIdle(LeaseTo("other")));
  ASSERT_THAT(Finish(again, AttemptEnd::kSucceeded), IsOk());
  EXPECT_EQ(LeaseTo("w").job, "b1");
}

TEST_F(JobChangesTest, PriorityMovesWhatIsQueued) {
  Insert("a1");
  const Job job = Insert("b1");
  Transaction tx = Tx();
  ASSERT_THAT(SetJobPriority(tx, job.id, kOwner, 7), IsOk());
  EXPECT_EQ(LoadJob(*db_, job.id, false)->priority, 7);
  EXPECT_EQ(LeaseTo("w").job, "b1");
  EXPECT_EQ(Audited("job_priority_set"), 1);
}

TEST_F(JobChangesTest, DeadlineFailsWhatHasNotEndedAndStopsItsWorker) {
  NewJob described = Describe("abc", 2);
  described.deadline_us = now_us_ + 10;
  const Job job = Insert(described);
  Insert("other");
  const AttemptName name = LeaseTo("w");
  EXPECT_THAT(OverdueJobs(*db_, now_us_ + 9, 10), IsOkAndHolds(IsEmpty()));
  now_us_ += 10;
  EXPECT_THAT(OverdueJobs(*db_, now_us_, 10), IsOkAndHolds(ElementsAre(job.id)));
  Transaction tx = Tx();
  ASSERT_THAT(FailOverdueJob(tx, job.id), IsOk());
  const auto failed = LoadJob(*db_, job.id, false);
  EXPECT_EQ(failed->state, JobState::kFailed);
  EXPECT_EQ(failed->failure->reason, kReasonDeadline);
  EXPECT_EQ(SyncWorker(tx, {"w", name, false})->action, SyncAction::kAbandon);
  EXPECT_THAT(OverdueJobs(*db_, now_us_, 10), IsOkAndHolds(IsEmpty()));
  EXPECT_EQ(Audited("job_deadline_passed"), 1);
}

TEST_F(JobChangesTest, DeadlineGoesBeforeAFailureOfBefore) {
  NewJob described = Describe("abc", 2);
  described.deadline_us = now_us_ + 10;
  const Job job = Insert(described);
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kFailed), IsOk());
  now_us_ += 10;
  Transaction tx = Tx();
  ASSERT_THAT(FailOverdueJob(tx, job.id), IsOk());
  EXPECT_EQ(LoadJob(*db_, job.id, false)->failure->reason, kReasonDeadline);
}

TEST_F(JobChangesTest, DeadlineOfAnEndedJobChangesNothingAndARetryLiftsIt) {
  NewJob described = Describe("abc");
  described.deadline_us = now_us_ + 10;
  const Job job = Insert(described);
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kFailed), IsOk());
  now_us_ += 10;
  Transaction tx = Tx();
  ASSERT_THAT(FailOverdueJob(tx, job.id), IsOk());
  EXPECT_EQ(LoadJob(*db_, job.id, false)->failure->message, "died");
  ASSERT_THAT(RetryJob(tx, job.id, kOwner), IsOk());
  EXPECT_FALSE(LoadJob(*db_, job.id, false)->deadline_us.has_value());
}

}  // namespace
}  // namespace cusp::server
