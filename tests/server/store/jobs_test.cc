#include "server/store/jobs.h"

#include <tuple>

#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using JobsTest = DatabaseTest;

TEST_F(JobsTest, InsertedJobComesBackWhole) {
  const Job job = Insert("abc", 2);
  const auto loaded = LoadJob(*db_, job.id, true);
  ASSERT_THAT(loaded, IsOk());
  EXPECT_EQ(loaded->spec, "spec");
  EXPECT_EQ(loaded->owner, "u");
  EXPECT_EQ(loaded->sweeps_total, 2);
  ASSERT_EQ(loaded->sweeps.size(), 2U);
  EXPECT_EQ(loaded->sweeps[1].dtype, 2);
  EXPECT_THAT(VariantNames(*db_, job.id), IsOkAndHolds(ElementsAre("a", "b")));
  EXPECT_EQ(changes_.queued_devices.size(), 2U);
}

TEST_F(JobsTest, InsertAnswersWhatIsStored) {
  const Job job = Insert("abc", 2);
  const auto loaded = LoadJob(*db_, job.id, false);
  ASSERT_THAT(loaded, IsOk());
  const auto fields = [](const Job& one) {
    return std::make_tuple(one.id, one.public_id, one.owner, one.state, one.device,
                           one.sweeps_total, one.sweeps_ended, one.create_time_us,
                           one.start_time_us, one.sweeps.size());
  };
  EXPECT_EQ(fields(job), fields(*loaded));
  const auto sweep_fields = [](const Sweep& one) {
    return std::make_tuple(one.id, one.job_id, one.number, one.mode, one.dtype, one.state,
                           one.priority, one.device, one.attempt, one.generation,
                           one.blocks_committed, one.last_block, one.worker);
  };
  EXPECT_EQ(sweep_fields(job.sweeps[1]), sweep_fields(loaded->sweeps[1]));
}

TEST_F(JobsTest, AmbiguousPrefixIsRefused) {
  const Job one = Insert("abc1");
  Insert("abc2");
  EXPECT_THAT(ResolveJob(*db_, "abc"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("several")));
  EXPECT_THAT(ResolveJob(*db_, "abc1"), IsOkAndHolds(one.id));
  EXPECT_THAT(ResolveJob(*db_, "b"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(JobsTest, HeldJobIsAnsweredAndStoredAsHeld) {
  NewJob job = Describe("abc");
  job.hold = true;
  const Job held = Insert(job);
  EXPECT_EQ(held.state, JobState::kHeld);
  EXPECT_EQ(StateOf(held), JobState::kHeld);
  EXPECT_TRUE(IsIdle(LeaseTo("w")));
}

TEST_F(JobsTest, DeadlineThatHasPassedIsRefused) {
  NewJob job = Describe("abc");
  job.deadline_us = now_us_;
  Transaction tx = Tx();
  EXPECT_THAT(InsertJob(tx, job),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("deadline")));
}

TEST_F(JobsTest, QueuedJobsAreCappedForEachUser) {
  const Job first = Insert("a1");
  ASSERT_THAT(db_->Execute("UPDATE users SET max_queued = 2"), IsOk());
  NewJob held = Describe("a2");
  held.hold = true;  // waits too
  Insert(held);
  Transaction tx = Tx();
  EXPECT_THAT(InsertJob(tx, Describe("a3")), StatusIs(absl::StatusCode::kResourceExhausted));
  InsertFor("v", "b1");
  // What runs is not queued.
  EXPECT_EQ(LeaseTo("w").job, "a1");
  EXPECT_THAT(InsertJob(tx, Describe("a3")), IsOk());
  EXPECT_EQ(StateOf(first), JobState::kRunning);
}

TEST_F(JobsTest, UnknownJobToFollowIsRefused) {
  NewJob job = Describe("abc");
  job.after_ok = {"a"};  // fits the new job's own id
  Transaction tx = Tx();
  EXPECT_THAT(InsertJob(tx, job), StatusIs(absl::StatusCode::kNotFound, HasSubstr("after_ok")));
}

TEST_F(JobsTest, JobComesBackWithWhatItFollows) {
  Insert("first");
  NewJob job = Describe("abc");
  job.after_ok = {"fir", "first"};
  job.deadline_us = 5000;
  const auto loaded = LoadJob(*db_, Insert(job).id, false);
  ASSERT_THAT(loaded, IsOk());
  EXPECT_THAT(loaded->after_ok, ElementsAre("first"));
  EXPECT_EQ(loaded->deadline_us, 5000);
}

}  // namespace
}  // namespace cusp::server
