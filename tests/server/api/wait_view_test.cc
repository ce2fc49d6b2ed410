#include "server/api/wait_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "cusp/v1/spec.pb.h"
#include "server/store/attempts.h"
#include "server/store/job_changes.h"
#include "server/store/jobs.h"
#include "server/store/leasing.h"
#include "server/store/store.h"
#include "server/store/workers.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

constexpr int64_t kMinute = int64_t{60} * 1'000'000;

class WaitViewTest : public ::testing::Test {
 protected:
  WaitViewTest() : store_(*Store::Open(*DataFolder::Open(dir_.path()), clock_)), board_(clock_) {}

  void Write(const std::function<absl::Status(Transaction&)>& work) {
    ASSERT_THAT(store_->WriteAndWait(work), IsOk());
  }

  // A job of one sweep with a budget of ten minutes.
  NewJob Describe(const std::string& id) {
    v1::JobSpec spec;
    spec.mutable_budget()->set_seconds(600);
    NewJob job;
    job.public_id = id;
    job.owner = "u";
    job.device = "auto";
    job.spec = spec.SerializeAsString();
    job.baselines = {"x"};
    job.candidates = {"y"};
    job.sweeps = {{1, 1}};
    return job;
  }
  int64_t Queue(const NewJob& described) {
    int64_t id = 0;
    Write([&](Transaction& tx) -> absl::Status {
      const auto job = InsertJob(tx, described);
      id = job.ok() ? job->id : 0;
      return job.status();
    });
    return id;
  }
  int64_t Queue(const std::string& id) { return Queue(Describe(id)); }

  // Registers the worker, and lets it take what there is.
  SyncAnswer Lease(const std::string& name) {
    SyncAnswer taken;
    Write([&](Transaction& tx) -> absl::Status {
      Worker worker;
      worker.name = name;
      worker.device = "cpu";
      worker.device_class = "Fake CPU";
      EXPECT_THAT(RegisterWorker(tx, worker, "r"), IsOk());
      const auto answer = SyncWorker(tx, {name, std::nullopt, false});
      taken = *answer;
      return answer.status();
    });
    board_.Heard(taken.worker, false);
    return taken;
  }

  Wait WaitOf(int64_t job_id) {
    const auto wait = store_->Read<Wait>([&](Database& db) -> absl::StatusOr<Wait> {
      const auto job = LoadJob(db, job_id, true);
      EXPECT_TRUE(Waits(*job));
      return ExplainWait(db, board_, *job, clock_.WallMicros());
    });
    EXPECT_THAT(wait, IsOk());
    return *wait;
  }

  TempDir dir_;
  FakeClock clock_;  // starts at 00:00 UTC
  std::unique_ptr<Store> store_;
  LiveBoard board_;
};

TEST_F(WaitViewTest, WithoutHistoryTheBudgetIsTheEstimate) {
  Queue("first");
  Lease("w");
  const int64_t second = Queue("second");
  const int64_t third = Queue("third");
  EXPECT_EQ(WaitOf(second).reason, "waiting for a free worker: 0 ahead, estimated start 00:10 UTC");
  EXPECT_THAT(WaitOf(third).start_us, Optional(clock_.WallMicros() + 20 * kMinute));
  // Time that has passed counts, and more than the budget does not count twice.
  clock_.Advance(std::chrono::seconds(10));
  EXPECT_THAT(WaitOf(second).start_us, Optional(clock_.WallMicros() + 10 * kMinute - 10'000'000));
}

TEST_F(WaitViewTest, EndedSweepsTellHowLongTheNextOnesTake) {
  Queue("first");
  const SyncAnswer taken = Lease("w");
  clock_.Advance(std::chrono::minutes(3));
  Write([&](Transaction& tx) -> absl::Status {
    SweepResult result;
    result.costs.push_back({"x", 1, 1, 64, 1, 1, 1, 1, kOutcomeOk, ""});
    return FinishAttempt(tx, {taken.job, 1, taken.lease.attempt}, AttemptEnd::kSucceeded, result,
                         std::nullopt)
        .status();
  });
  Queue("second");
  Lease("w");
  const int64_t third = Queue("third");
  EXPECT_THAT(WaitOf(third).start_us, Optional(clock_.WallMicros() + 3 * kMinute));
}

TEST_F(WaitViewTest, WorkersOwnEstimateGoesBeforeWhatIsTypical) {
  Queue("first");
  const SyncAnswer taken = Lease("w");
  v1::SweepProgress progress;
  progress.mutable_time_left()->set_seconds(60);
  board_.SetProgress(taken.sweep.id, progress);
  EXPECT_THAT(WaitOf(Queue("second")).start_us, Optional(clock_.WallMicros() + kMinute));
}

TEST_F(WaitViewTest, SeveralWorkersShareWhatIsAhead) {
  for (const char* id : {"a", "b", "c", "d"}) {
    Queue(id);
  }
  Lease("w1");
  Lease("w2");
  // c and d start in ten minutes, so this one in twenty.
  const Wait wait = WaitOf(Queue("e"));
  EXPECT_THAT(wait.reason, HasSubstr("2 ahead"));
  EXPECT_THAT(wait.start_us, Optional(clock_.WallMicros() + 20 * kMinute));
}

TEST_F(WaitViewTest, WithoutHistoryAndBudgetNoStartIsMadeUp) {
  Lease("w");
  NewJob job = Describe("first");
  job.spec = "";
  const Wait wait = WaitOf(Queue(job));
  EXPECT_FALSE(wait.start_us.has_value());
  EXPECT_THAT(wait.reason, HasSubstr("not known yet"));
}

TEST_F(WaitViewTest, HoldDependencyCapAndDrainAreTold) {
  Lease("w");
  NewJob held = Describe("held");
  held.hold = true;
  EXPECT_THAT(WaitOf(Queue(held)).reason, HasSubstr("held by its owner"));
  NewJob follower = Describe("follower");
  follower.after_ok = {"held"};
  EXPECT_EQ(WaitOf(Queue(follower)).reason, "waiting for job held to succeed");

  Queue("running");
  EXPECT_EQ(Lease("w").job, "running");
  const int64_t waiting = Queue("waiting");
  Write([](Transaction& tx) { return server::Run(tx.db, "UPDATE users SET max_running = 1"); });
  EXPECT_THAT(WaitOf(waiting).reason, HasSubstr("the most allowed"));
  EXPECT_FALSE(WaitOf(waiting).start_us.has_value());

  Write([](Transaction& tx) { return SetWorkerDrained(tx, "w", "broken"); });
  Lease("w");
  EXPECT_THAT(WaitOf(waiting).reason, HasSubstr("is drained"));
}

TEST_F(WaitViewTest, JobWithSomethingLeasedOrNothingQueuedDoesNotWait) {
  const int64_t id = Queue("abc");
  Lease("w");
  const auto job = store_->Read<Job>([&](Database& db) { return LoadJob(db, id, false); });
  ASSERT_THAT(job, IsOk());
  EXPECT_FALSE(Waits(*job));
}

}  // namespace
}  // namespace cusp::server
