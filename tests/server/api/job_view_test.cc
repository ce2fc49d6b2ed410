#include "server/api/job_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "server/store/attempts.h"
#include "server/store/job_changes.h"
#include "server/store/jobs.h"
#include "server/store/leasing.h"
#include "server/store/workers.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class JobViewTest : public ::testing::Test {
 protected:
  JobViewTest()
      : store_(*Store::Open(*DataFolder::Open(dir_.path()), clock_)),
        board_(clock_),
        view_(*store_, board_, clock_) {}

  // Queues a job of two sweeps.
  Job Queue(const std::string& id, const std::string& device = "auto") {
    NewJob job;
    job.public_id = id;
    job.owner = "u";
    job.device = device;
    job.baselines = {"x"};
    job.candidates = {"y"};
    job.sweeps = {{1, 1}, {1, 2}};
    Job queued;
    EXPECT_THAT(store_->WriteAndWait([&](Transaction& tx) -> absl::Status {
      const auto inserted = InsertJob(tx, job);
      queued = *inserted;
      return inserted.status();
    }),
                IsOk());
    return queued;
  }

  static Worker CpuWorker() {
    Worker worker;
    worker.name = "w";
    worker.device = "cpu";
    worker.device_class = "Fake CPU";
    return worker;
  }

  // Leases the next sweep.
  LeaseKey Lease() {
    LeaseKey lease;
    EXPECT_THAT(store_->WriteAndWait([&](Transaction& tx) -> absl::Status {
      EXPECT_THAT(RegisterWorker(tx, CpuWorker(), "r"), IsOk());
      const auto answer = SyncWorker(tx, {"w", std::nullopt, false});
      lease = answer->lease;
      return answer.status();
    }),
                IsOk());
    return lease;
  }

  TempDir dir_;
  FakeClock clock_;
  std::unique_ptr<Store> store_;
  LiveBoard board_;
  JobView view_;
};

TEST_F(JobViewTest, UnknownJobIsNotFound) {
  EXPECT_THAT(view_.Read(7), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(JobViewTest, RunningSweepShowsItsProgress) {
  const Job job = Queue("abc");
  const LeaseKey lease = Lease();
  v1::SweepProgress progress;
  progress.set_blocks_done(3);
  board_.SetProgress(lease.sweep_id, progress);
  const auto view = view_.Read(job.id);
  ASSERT_THAT(view, IsOk());
  ASSERT_THAT(view->sweeps(), SizeIs(2));
  EXPECT_EQ(view->sweeps(0).progress().blocks_done(), 3);
  EXPECT_FALSE(view->sweeps(1).has_progress());
  EXPECT_EQ(view->waiting_reason(), "");
}

TEST_F(JobViewTest, ProgressOfASweepThatStoppedRunningIsNotShown) {
  const Job job = Queue("abc");
  const LeaseKey lease = Lease();
  board_.SetProgress(lease.sweep_id, v1::SweepProgress());
  ASSERT_THAT(store_->WriteAndWait([&](Transaction& tx) { return ExpireAttempt(tx, lease); }),
              IsOk());
  EXPECT_FALSE(view_.Read(job.id)->sweeps(0).has_progress());
}

TEST_F(JobViewTest, WaitingJobSaysWhatItWaitsFor) {
  Queue("first");
  const Job second = Queue("second");
  EXPECT_THAT(view_.Read(second.id)->waiting_reason(), HasSubstr("start cusp-worker"));
  board_.Heard(CpuWorker(), false);
  EXPECT_THAT(view_.Read(second.id)->waiting_reason(), HasSubstr("2 ahead"));
  const Job cuda = Queue("cuda", "cuda");
  EXPECT_THAT(view_.Read(cuda.id)->waiting_reason(), HasSubstr("has the device \"cuda\""));
}

TEST_F(JobViewTest, EndedJobWaitsForNothing) {
  const Job job = Queue("abc");
  ASSERT_THAT(store_->WriteAndWait([&](Transaction& tx) { return CancelJob(tx, job.id, {"u"}); }),
              IsOk());
  const auto view = view_.Read(job.id);
  EXPECT_EQ(view->state(), v1::Job::STATE_CANCELLED);
  EXPECT_EQ(view->waiting_reason(), "");
}

}  // namespace
}  // namespace cusp::server
