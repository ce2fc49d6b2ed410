#include "worker/daemon/daemon.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "tests/support/status_matchers.h"
#include "tests/worker/daemon/fake_coordinator.h"
#include "tests/worker/daemon/fake_runner_env.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::worker {
namespace {

using Finish = v1::FinishAttemptRequest;

constexpr char kSlow[] = R"({"sleep_scale": 1})";

DaemonOptions MakeOptions() {
  DaemonOptions options;
  options.worker.set_name("workers/w");
  options.session.runner = FakeRunnerPath();
  options.session.device = "cpu";
  options.session.host = ReadHostFacts();
  return options;
}

class DaemonTest : public ::testing::Test {
 protected:
  void Start(DaemonOptions options = MakeOptions()) {
    daemon_ = std::make_unique<Daemon>(std::move(options), coordinator_, clock_);
    thread_ = std::thread([this] { status_ = daemon_->Run(); });
  }

  ~DaemonTest() override {
    if (thread_.joinable()) {
      daemon_->StopNow();
      thread_.join();
    }
  }

  void Assign(const std::string& attempt) {
    server_.Set([&](CoordinatorState& state) {
      state.desired.set_action(v1::DesiredState::ACTION_MEASURE);
      v1::Assignment& assignment = *state.desired.mutable_assignment();
      assignment.set_attempt(attempt);
      *assignment.mutable_spec() = measure::MakeSpec();
      assignment.set_mode(v1::MODE_INFERENCE);
      assignment.set_dtype(v1::DTYPE_FLOAT32);
    });
  }

  bool WaitForFinishes(size_t count) {
    return server_.WaitFor(
        [count](const CoordinatorState& state) { return state.finishes.size() >= count; });
  }

  FakeCoordinator server_;
  Coordinator coordinator_{server_.Connect()};
  SystemClock clock_;
  std::unique_ptr<Daemon> daemon_;
  std::thread thread_;
  absl::Status status_;
};

TEST_F(DaemonTest, MeasuresWhatItIsGivenAndThenWaits) {
  Assign("jobs/a/sweeps/1/attempts/1");
  Start();
  ASSERT_TRUE(WaitForFinishes(1));
  EXPECT_EQ(server_.Get().finishes[0].outcome(), Finish::OUTCOME_SUCCEEDED);
  EXPECT_TRUE(server_.WaitFor(
      [](const CoordinatorState& state) { return state.reported_attempt.empty(); }));
  server_.Set([](CoordinatorState& state) { state.blocks.clear(); });
  Assign("jobs/b/sweeps/1/attempts/1");
  EXPECT_TRUE(WaitForFinishes(2));
}

class SharedDevice final : public measure::DeviceWatch {
 public:
  measure::DeviceState Read() override { return {.processes = processes}; }
  std::atomic<int> processes = 1;
};

TEST_F(DaemonTest, DeviceThatOthersUseIsReportedUntilItIsIdle) {
  const auto device = std::make_shared<SharedDevice>();
  DaemonOptions options = MakeOptions();
  options.session.instruments.watch = device;
  Start(std::move(options));
  EXPECT_TRUE(server_.WaitFor([](const CoordinatorState& state) {
    return state.reported_not_ready == "1 other process on the device";
  }));
  device->processes = 0;
  EXPECT_TRUE(server_.WaitFor(
      [](const CoordinatorState& state) { return state.reported_not_ready.empty(); }));
}

TEST_F(DaemonTest, RegisterOnlyTakesNoSweep) {
  Assign("jobs/a/sweeps/1/attempts/1");
  DaemonOptions options = MakeOptions();
  options.register_only = true;
  options.worker.mutable_speed()->add_threads()->set_threads(3);
  Start(std::move(options));
  thread_.join();
  EXPECT_THAT(status_, IsOk());
  const CoordinatorState state = server_.Get();
  ASSERT_TRUE(state.worker.has_value());
  EXPECT_EQ(state.worker->speed().threads(0).threads(), 3);
  EXPECT_EQ(state.syncs, 0);
}

TEST_F(DaemonTest, ResultSaysHowFastTheDeviceIs) {
  Assign("jobs/a/sweeps/1/attempts/1");
  DaemonOptions options = MakeOptions();
  options.session.speed.add_threads()->set_threads(3);
  Start(std::move(options));
  ASSERT_TRUE(WaitForFinishes(1));
  EXPECT_EQ(server_.Get().finishes[0].result().device_speed().threads(0).threads(), 3);
}

TEST_F(DaemonTest, OnceEndsAfterOneSweep) {
  Assign("jobs/a/sweeps/1/attempts/1");
  DaemonOptions options = MakeOptions();
  options.once = true;
  Start(std::move(options));
  thread_.join();
  EXPECT_THAT(status_, IsOk());
  EXPECT_EQ(server_.Get().finishes.size(), 1U);
}

TEST_F(DaemonTest, ForgottenWorkerRegistersAgain) {
  Start();
  ASSERT_TRUE(server_.WaitFor([](const CoordinatorState& state) { return state.syncs > 0; }));
  server_.Set([](CoordinatorState& state) { state.worker.reset(); });
  EXPECT_TRUE(
      server_.WaitFor([](const CoordinatorState& state) { return state.worker.has_value(); }));
}

TEST_F(DaemonTest, DrainGivesBackAndEnds) {
  const ScriptInEnvironment script(kSlow);
  Assign("jobs/a/sweeps/1/attempts/1");
  Start();
  ASSERT_TRUE(server_.WaitFor([](const CoordinatorState& state) { return !state.blocks.empty(); }));
  daemon_->Drain();
  thread_.join();
  EXPECT_THAT(status_, IsOk());
  ASSERT_EQ(server_.Get().finishes.size(), 1U);
  EXPECT_EQ(server_.Get().finishes[0].outcome(), Finish::OUTCOME_RELEASED);
}

TEST_F(DaemonTest, CancelledSweepIsAbandoned) {
  const ScriptInEnvironment script(R"({"faults": [{"kind": "hang"}]})");
  Assign("jobs/a/sweeps/1/attempts/1");
  Start();
  ASSERT_TRUE(server_.WaitFor(
      [](const CoordinatorState& state) { return !state.reported_attempt.empty(); }));
  server_.Set([](CoordinatorState& state) {
    state.desired.Clear();
    state.desired.set_action(v1::DesiredState::ACTION_ABANDON);
    state.desired.set_reason("the job was cancelled");
  });
  EXPECT_TRUE(WaitForFinishes(1));
}

TEST_F(DaemonTest, NewerAttemptReplacesTheOldOne) {
  const ScriptInEnvironment script(kSlow);
  Assign("jobs/a/sweeps/1/attempts/1");
  Start();
  ASSERT_TRUE(server_.WaitFor(
      [](const CoordinatorState& state) { return state.reported_attempt.ends_with("/1"); }));
  // Finishing the old one makes this fake idle, so the new one is asked for
  // until it is taken.
  EXPECT_TRUE(server_.WaitFor([](const CoordinatorState& state) { return !state.blocks.empty(); }));
  Assign("jobs/a/sweeps/1/attempts/2");
  ASSERT_TRUE(WaitForFinishes(1));
  Assign("jobs/a/sweeps/1/attempts/2");
  EXPECT_TRUE(server_.WaitFor(
      [](const CoordinatorState& state) { return state.reported_attempt.ends_with("/2"); }));
}

TEST_F(DaemonTest, CoordinatorMayBeAbsentForAWhile) {
  const ScriptInEnvironment script(kSlow);
  Assign("jobs/a/sweeps/1/attempts/1");
  Start();
  ASSERT_TRUE(server_.WaitFor([](const CoordinatorState& state) { return !state.blocks.empty(); }));
  server_.Stop();
  server_.Start();
  ASSERT_TRUE(WaitForFinishes(1));
  EXPECT_EQ(server_.Get().finishes[0].outcome(), Finish::OUTCOME_SUCCEEDED);
}

TEST_F(DaemonTest, StopNowDoesNotWaitForTheRunner) {
  const ScriptInEnvironment script(R"({"faults": [{"kind": "hang"}]})");
  Assign("jobs/a/sweeps/1/attempts/1");
  Start();
  ASSERT_TRUE(server_.WaitFor(
      [](const CoordinatorState& state) { return !state.reported_attempt.empty(); }));
  daemon_->StopNow();
  thread_.join();
  EXPECT_THAT(status_, IsOk());
}

}  // namespace
}  // namespace cusp::worker
