#include "server/store/job_states.h"

#include "server/store/job_changes.h"
#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Actor kOwner{"u", false};

class JobStatesTest : public DatabaseTest {
 protected:
  Job InsertAfter(const std::string& id, const std::vector<std::string>& after) {
    NewJob job = Describe(id);
    job.after_ok = after;
    return Insert(job);
  }
  // "actor action detail" of what the audit log has about the job, the oldest first.
  std::vector<std::string> AuditOf(const Job& job) {
    std::vector<std::string> lines;
    Query query(*db_, "SELECT actor, action, detail FROM audit WHERE job_id = ? ORDER BY id",
                job.id);
    while (query.Next()) {
      lines.push_back(query.Text(0) + " " + query.Text(1) + " " + query.Text(2));
    }
    return lines;
  }
};

TEST_F(JobStatesTest, FollowerStartsOnceAllOthersSucceeded) {
  Insert("a1");
  Insert("a2");
  const Job follower = InsertAfter("b1", {"a1", "a2"});
  EXPECT_EQ(follower.state, JobState::kQueued);
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kSucceeded), IsOk());
  const AttemptName second = LeaseTo("w");
  EXPECT_EQ(second.job, "a2");
  EXPECT_TRUE(IsIdle(LeaseTo("other")));
  changes_ = {};
  ASSERT_THAT(Finish(second, AttemptEnd::kSucceeded), IsOk());
  EXPECT_THAT(changes_.queued_devices, ElementsAre("auto"));
  EXPECT_EQ(LeaseTo("w").job, "b1");
}

TEST_F(JobStatesTest, FailureOfOneFailsAWholeChainEachNamingTheOneBefore) {
  Insert("a1");
  const Job second = InsertAfter("b1", {"a1"});
  const Job third = InsertAfter("c1", {"b1"});
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kFailed), IsOk());
  EXPECT_EQ(StateOf(second), JobState::kFailed);
  const auto failed = LoadJob(*db_, third.id, false);
  ASSERT_THAT(failed, IsOk());
  EXPECT_EQ(failed->state, JobState::kFailed);
  EXPECT_EQ(failed->failure->reason, kReasonDependency);
  EXPECT_THAT(LoadJob(*db_, second.id, false)->failure->message,
              AllOf(HasSubstr("job a1"), HasSubstr("has failed")));
  EXPECT_THAT(failed->failure->message, HasSubstr("job b1"));
}

TEST_F(JobStatesTest, LongChainFailsWithoutARecursion) {
  constexpr int kJobs = 2000;
  const Job first = Insert("j0");
  for (int i = 1; i < kJobs; ++i) {
    // Ids are found by their beginning, so each is a whole one.
    InsertAfter("k" + std::to_string(100000 + i),
                {i == 1 ? "j0" : "k" + std::to_string(100000 + i - 1)});
  }
  Transaction tx = Tx();
  ASSERT_THAT(CancelJob(tx, first.id, kOwner), IsOk());
  EXPECT_EQ(Number("SELECT count(*) FROM jobs WHERE state = 5"), kJobs - 1);
}

TEST_F(JobStatesTest, JobAfterOneThatHasFailedFailsAtOnce) {
  Insert("a1");
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kFailed), IsOk());
  const Job late = InsertAfter("b1", {"a1"});
  EXPECT_EQ(late.state, JobState::kFailed);
  EXPECT_EQ(late.failure->reason, kReasonDependency);
}

TEST_F(JobStatesTest, JobAfterOneThatHasSucceededIsQueued) {
  Insert("a1");
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kSucceeded), IsOk());
  InsertAfter("b1", {"a1"});
  EXPECT_EQ(LeaseTo("w").job, "b1");
}

TEST_F(JobStatesTest, HoldAndFollowingBlockIndependently) {
  Insert("a1");
  NewJob job = Describe("b1");
  job.after_ok = {"a1"};
  job.hold = true;
  const Job both = Insert(job);
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kSucceeded), IsOk());
  EXPECT_TRUE(IsIdle(LeaseTo("w")));
  EXPECT_EQ(StateOf(both), JobState::kHeld);
  Transaction tx = Tx();
  ASSERT_THAT(ReleaseJob(tx, both.id, kOwner), IsOk());
  EXPECT_EQ(LeaseTo("w").job, "b1");
}

TEST_F(JobStatesTest, FirstFailureOfItsSweepsIsTheJobs) {
  const Job job = Insert("abc", 2);
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kFailed), IsOk());
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kSucceeded), IsOk());
  const auto failed = LoadJob(*db_, job.id, false);
  EXPECT_EQ(failed->state, JobState::kFailed);
  EXPECT_EQ(failed->failure->message, "died");
}

TEST_F(JobStatesTest, AuditLogHasTheEndOfAJobAndOfThoseThatFollow) {
  const Job first = Insert("a1");
  const Job second = InsertAfter("b1", {"a1"});
  const Job third = InsertAfter("c1", {"b1"});
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kFailed), IsOk());
  const std::vector<std::string> lines = AuditOf(first);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_THAT(lines[2], HasSubstr("attempt_finished"));
  EXPECT_EQ(lines[3], "cuspd job_ended FAILED");
  EXPECT_THAT(AuditOf(second),
              ElementsAre("u job_submitted ", "cuspd job_dependency_failed job a1 has failed"));
  EXPECT_THAT(AuditOf(third),
              ElementsAre("u job_submitted ", "cuspd job_dependency_failed job b1 has failed"));
}

TEST_F(JobStatesTest, AuditLogHasAJobThatFollowsOneWhichHadEnded) {
  const Job first = Insert("a1");
  {
    Transaction tx = Tx();
    ASSERT_THAT(CancelJob(tx, first.id, kOwner), IsOk());
  }
  EXPECT_THAT(AuditOf(first), ElementsAre("u job_submitted ", "u job_cancelled "));
  EXPECT_THAT(AuditOf(InsertAfter("b1", {"a1"})),
              ElementsAre("u job_submitted ", "cuspd job_dependency_failed job a1 was cancelled"));
}

TEST_F(JobStatesTest, AuditLogHasTheEndOfASuccessOnce) {
  const Job job = Insert("abc", 2);
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kSucceeded), IsOk());
  EXPECT_EQ(Number("SELECT count(*) FROM audit WHERE action = 'job_ended'"), 0);
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kSucceeded), IsOk());
  EXPECT_EQ(AuditOf(job).back(), "cuspd job_ended SUCCEEDED");
  EXPECT_EQ(Number("SELECT count(*) FROM audit WHERE action = 'job_ended'"), 1);
}

}  // namespace
}  // namespace cusp::server
