#include "server/api/dispatcher.h"

#include <gtest/gtest.h>

#include <future>

#include "server/store/jobs.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest()
      : store_(*Store::Open(*DataFolder::Open(dir_.path()), clock_)),
        board_(clock_),
        dispatcher_(*store_, clock_, board_) {
    store_->SetListener(
        [this](const Changes& changes) { dispatcher_.OnQueued(changes.queued_devices); });
    for (const char* name : {"a", "b"}) {
      EXPECT_THAT(store_->WriteAndWait([name](Transaction& tx) {
        Worker worker;
        worker.name = name;
        worker.device_class = "CPU";
        worker.device = "cpu";
        return RegisterWorker(tx, worker, "r").status();
      }),
                  IsOk());
    }
  }
  ~DispatcherTest() override {
    dispatcher_.Stop();
    store_->Stop();
  }

  struct Pending {
    std::shared_ptr<SyncCall> call = std::make_shared<SyncCall>();
    std::shared_ptr<std::promise<absl::StatusOr<SyncAnswer>>> promise =
        std::make_shared<std::promise<absl::StatusOr<SyncAnswer>>>();
    std::future<absl::StatusOr<SyncAnswer>> answer = promise->get_future();
  };

  // Starts an idle sync, and returns once it waits.
  Pending Wait(const std::string& worker) {
    Pending pending;
    pending.call->report.worker = worker;
    pending.call->deadline = clock_.Now() + std::chrono::seconds(5);
    pending.call->reply = [promise = pending.promise](absl::StatusOr<SyncAnswer> answer) {
      promise->set_value(std::move(answer));
    };
    dispatcher_.Sync(pending.call);
    // Answered after the sync before it.
    EXPECT_THAT(store_->WriteAndWait([](Transaction&) { return absl::OkStatus(); }), IsOk());
    return pending;
  }

  void Queue(const std::string& id) {
    NewJob job;
    job.public_id = id;
    job.owner = "u";
    job.device = "cpu";
    job.baselines = {"x"};
    job.candidates = {"y"};
    job.sweeps = {{1, 1}};
    EXPECT_THAT(store_->WriteAndWait([&](Transaction& tx) { return InsertJob(tx, job).status(); }),
                IsOk());
  }

  TempDir dir_;
  FakeClock clock_;
  std::unique_ptr<Store> store_;
  LiveBoard board_;
  Dispatcher dispatcher_;
};

TEST_F(DispatcherTest, OneSweepWakesTheWorkerThatWaitsLongest) {
  Pending a = Wait("a");
  Pending b = Wait("b");
  Queue("j1");
  EXPECT_EQ(a.answer.get()->job, "j1");
  Queue("j2");
  EXPECT_EQ(b.answer.get()->job, "j2");
}

TEST_F(DispatcherTest, CancelledCallGetsNoSweep) {
  Pending a = Wait("a");
  Pending b = Wait("b");
  dispatcher_.Cancel(a.call);
  EXPECT_THAT(a.answer.get(), StatusIs(absl::StatusCode::kCancelled));
  Queue("j1");
  EXPECT_EQ(b.answer.get()->job, "j1");
}

TEST_F(DispatcherTest, TickAnswersCallsThatWaitedLongEnough) {
  Pending a = Wait("a");
  dispatcher_.Tick();
  EXPECT_EQ(a.answer.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  clock_.Advance(std::chrono::seconds(5));
  dispatcher_.Tick();
  EXPECT_EQ(a.answer.get()->action, SyncAction::kIdle);
}

TEST_F(DispatcherTest, StopTellsWaitingCallsToComeBack) {
  Pending a = Wait("a");
  dispatcher_.Stop();
  EXPECT_THAT(a.answer.get(), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace cusp::server
