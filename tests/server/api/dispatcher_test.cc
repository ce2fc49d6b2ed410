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
  Pending Wait(const std::string& worker) { return Sync({worker, std::nullopt, false}); }

  // Starts a sync, and returns once it is answered or waits.
  Pending Sync(const SyncReport& report) {
    Pending pending;
    pending.call->report = report;
    pending.call->deadline = clock_.Now() + std::chrono::seconds(5);
    pending.call->reply = [promise = pending.promise](absl::StatusOr<SyncAnswer> answer) {
      promise->set_value(std::move(answer));
    };
    dispatcher_.Sync(pending.call);
    // Answered after the sync before it.
    EXPECT_THAT(store_->WriteAndWait([](Transaction&) { return absl::OkStatus(); }), IsOk());
    return pending;
  }

  static bool IsAnswered(const Pending& pending) {
    return pending.answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

  // Ticks, and returns once all that follows from it is done.
  void Tick() {
    dispatcher_.Tick();
    EXPECT_THAT(store_->WriteAndWait([](Transaction&) { return absl::OkStatus(); }), IsOk());
  }

  SweepState StateOf(const std::string& job) {
    const auto sweep = store_->Read<Sweep>([&](Database& db) { return LoadSweep(db, job, 1); });
    EXPECT_THAT(sweep, IsOk());
    return sweep->state;
  }

  void Queue(const std::string& id, const std::string& device = "cpu") {
    NewJob job;
    job.public_id = id;
    job.owner = "u";
    job.device = device;
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
  EXPECT_FALSE(IsAnswered(a));
  clock_.Advance(std::chrono::seconds(5));
  dispatcher_.Tick();
  EXPECT_EQ(a.answer.get()->action, SyncAction::kIdle);
}

TEST_F(DispatcherTest, OnlySoManyCallsOfADeviceClassAreHeld) {
  constexpr int kHeld = 64;
  const auto add = [&](const std::string& name, const std::string& device_class) {
    EXPECT_THAT(store_->WriteAndWait([&](Transaction& tx) {
      Worker worker;
      worker.name = name;
      worker.device_class = device_class;
      worker.device = "cpu";
      return RegisterWorker(tx, worker, "r").status();
    }),
                IsOk());
    return Wait(name);
  };
  std::vector<Pending> held;
  for (int i = 0; i < kHeld; ++i) {
    held.push_back(add("w" + std::to_string(i), "CPU"));
    EXPECT_FALSE(IsAnswered(held.back()));
  }
  Pending surplus = add("surplus", "CPU");
  ASSERT_TRUE(IsAnswered(surplus));
  EXPECT_EQ(surplus.answer.get()->action, SyncAction::kIdle);
  EXPECT_FALSE(IsAnswered(add("other", "H200")));
  Queue("j1");
  EXPECT_EQ(held.front().answer.get()->job, "j1");
  EXPECT_FALSE(IsAnswered(Wait("surplus"))) << "a place is free";
}

TEST_F(DispatcherTest, NextAnswerIsThatOfTheCallThatEndsFirst) {
  EXPECT_EQ(dispatcher_.NextAnswer(), std::nullopt);
  Pending a = Wait("a");
  const Clock::Monotonic end_of_a = a.call->deadline;
  clock_.Advance(std::chrono::seconds(1));
  Pending b = Wait("b");
  EXPECT_EQ(dispatcher_.NextAnswer(), end_of_a);
  clock_.Advance(std::chrono::seconds(4));
  dispatcher_.Tick();
  EXPECT_EQ(dispatcher_.NextAnswer(), b.call->deadline);
}

TEST_F(DispatcherTest, SweepForAnotherDeviceWakesNobody) {
  Pending a = Wait("a");
  Queue("j1", "cuda");
  EXPECT_FALSE(IsAnswered(a));
  Queue("j2");
  EXPECT_EQ(a.answer.get()->job, "j2");
}

TEST_F(DispatcherTest, DrainedWorkerIsNotWokenInPlaceOfAnother) {
  ASSERT_THAT(
      store_->WriteAndWait([](Transaction& tx) { return SetWorkerDrained(tx, "a", "broken"); }),
      IsOk());
  Pending a = Wait("a");
  Pending b = Wait("b");
  Queue("j1");
  EXPECT_EQ(b.answer.get()->job, "j1");
  EXPECT_FALSE(IsAnswered(a));
}

TEST_F(DispatcherTest, BusyAndDrainingWorkersNeverWait) {
  Pending busy = Sync({"a", AttemptName{"none", 1, 1}, false});
  EXPECT_TRUE(IsAnswered(busy));
  EXPECT_EQ(busy.answer.get()->action, SyncAction::kAbandon);
  Pending draining = Sync({"a", std::nullopt, true});
  ASSERT_TRUE(IsAnswered(draining));
  EXPECT_EQ(draining.answer.get()->action, SyncAction::kIdle);
}

TEST_F(DispatcherTest, ExpiredLeaseGivesTheSweepToAWorkerThatWaits) {
  Queue("j1");
  EXPECT_EQ(Wait("a").answer.get()->lease.attempt, 1);
  board_.SetProgress(1, v1::SweepProgress());
  clock_.Advance(kLeaseTime - std::chrono::seconds(1));
  Pending b = Wait("b");
  Tick();
  EXPECT_FALSE(IsAnswered(b));
  clock_.Advance(std::chrono::seconds(1));
  Tick();
  const auto answer = b.answer.get();
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->job, "j1");
  EXPECT_EQ(answer->lease.attempt, 2);
  EXPECT_FALSE(board_.Progress(answer->sweep.id).has_value());
}

TEST_F(DispatcherTest, ReleasedLeaseDoesNotExpire) {
  Queue("j1");
  const LeaseKey lease = Wait("a").answer.get()->lease;
  dispatcher_.Release(lease);
  clock_.Advance(2 * kLeaseTime);
  Tick();
  EXPECT_EQ(StateOf("j1"), SweepState::kRunning);
}

TEST_F(DispatcherTest, LeasesOfTheLastRunCountAsJustRenewed) {
  Queue("j1");
  ASSERT_THAT(Wait("a").answer.get(), IsOk());
  clock_.Advance(10 * kLeaseTime);
  Dispatcher next(*store_, clock_, board_);
  ASSERT_THAT(next.Start(), IsOk());
  next.Tick();
  EXPECT_EQ(StateOf("j1"), SweepState::kRunning);
  clock_.Advance(kLeaseTime);
  next.Tick();
  EXPECT_THAT(store_->WriteAndWait([](Transaction&) { return absl::OkStatus(); }), IsOk());
  EXPECT_EQ(StateOf("j1"), SweepState::kQueued);
}

TEST_F(DispatcherTest, UnknownWorkerIsNotHeardOf) {
  EXPECT_THAT(Wait("c").answer.get(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_FALSE(board_.Find("c").has_value());
}

TEST_F(DispatcherTest, StoppedOneLeasesNothing) {
  Queue("j1");
  dispatcher_.Stop();
  EXPECT_THAT(Wait("a").answer.get(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(StateOf("j1"), SweepState::kQueued);
}

TEST_F(DispatcherTest, StopTellsWaitingCallsToComeBack) {
  Pending a = Wait("a");
  dispatcher_.Stop();
  EXPECT_THAT(a.answer.get(), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace cusp::server
