#include "worker/daemon/session.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/support/status_matchers.h"
#include "tests/worker/daemon/fake_coordinator.h"
#include "tests/worker/daemon/fake_runner_env.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::worker {
namespace {

using Finish = v1::FinishAttemptRequest;
using ::testing::HasSubstr;

constexpr char kAttempt[] = "jobs/j/sweeps/1/attempts/2";
// Slow enough that a sweep does not end before a test has acted.
constexpr char kSlow[] = R"({"sleep_scale": 1})";

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() {
    options_.runner = FakeRunnerPath();
    options_.device = "cpu";
    options_.host = ReadHostFacts();
  }

  Session& Start(int64_t blocks_committed = 0, int64_t last_block = 0,
                 const v1::JobSpec& spec = measure::MakeSpec()) {
    v1::Assignment assignment;
    assignment.set_attempt(kAttempt);
    *assignment.mutable_spec() = spec;
    assignment.set_mode(v1::MODE_INFERENCE);
    assignment.set_dtype(v1::DTYPE_FLOAT32);
    assignment.set_blocks_committed(blocks_committed);
    assignment.set_last_block(last_block);
    session_ = std::make_unique<Session>(assignment, options_, coordinator_, clock_,
                                         [this] { server_.Set([](CoordinatorState&) {}); });
    return *session_;
  }

  bool WaitForEnd() {
    return server_.WaitFor([this](const CoordinatorState&) { return session_->ended(); });
  }

  Finish Last() {
    const auto finishes = server_.Get().finishes;
    return finishes.empty() ? Finish() : finishes.back();
  }

  FakeCoordinator server_;
  Coordinator coordinator_{server_.Connect()};
  SystemClock clock_;
  SessionOptions options_;
  std::unique_ptr<Session> session_;
};

TEST_F(SessionTest, MeasuresDeliversAndReports) {
  server_.Set([](CoordinatorState& state) { state.refused_finishes = 2; });
  Session& session = Start();
  ASSERT_TRUE(WaitForEnd());
  const CoordinatorState state = server_.Get();
  ASSERT_EQ(state.finishes.size(), 1U);
  EXPECT_EQ(Last().outcome(), Finish::OUTCOME_SUCCEEDED);
  EXPECT_EQ(Last().attempt(), kAttempt);
  EXPECT_EQ(Last().result().comparisons(0).verdict(), v1::VERDICT_CROSSES);
  EXPECT_EQ(state.blocks.size(), static_cast<size_t>(state.blocks.rbegin()->first));
  EXPECT_EQ(state.provenance->device_class(), "Fake CPU");
  EXPECT_EQ(state.provenance->conditions().variants_size(), 2);
  EXPECT_TRUE(state.provenance->conditions().has_start_time());
  EXPECT_GT(session.progress().blocks_expected(), 0);
}

TEST_F(SessionTest, GoesOnAfterCommittedBlocks) {
  Start();
  ASSERT_TRUE(WaitForEnd());
  const CoordinatorState whole = server_.Get();
  const int64_t half = static_cast<int64_t>(whole.blocks.size()) / 2;
  server_.Set([half](CoordinatorState& state) {
    state.blocks.erase(state.blocks.upper_bound(half), state.blocks.end());
  });
  Start(half, half);
  ASSERT_TRUE(WaitForEnd());
  EXPECT_EQ(server_.Get().repeated_blocks, 0);
  EXPECT_EQ(Last().outcome(), Finish::OUTCOME_SUCCEEDED);
}

TEST_F(SessionTest, DrainGivesTheSweepBackWithItsBlocks) {
  const ScriptInEnvironment script(kSlow);
  Session& session = Start();
  ASSERT_TRUE(server_.WaitFor([](const CoordinatorState& state) { return !state.blocks.empty(); }));
  session.Drain();
  ASSERT_TRUE(WaitForEnd());
  EXPECT_EQ(Last().outcome(), Finish::OUTCOME_RELEASED);
}

TEST_F(SessionTest, AbandonKillsAHungRunner) {
  const ScriptInEnvironment script(R"({"faults": [{"kind": "hang"}]})");
  Session& session = Start();
  session.Abandon("cancelled");
  ASSERT_TRUE(WaitForEnd());
  EXPECT_EQ(Last().outcome(), Finish::OUTCOME_RELEASED);
  EXPECT_TRUE(server_.Get().blocks.empty());
}

TEST_F(SessionTest, StaleAttemptIsDropped) {
  server_.Set([](CoordinatorState& state) {
    state.refuse_samples = grpc::StatusCode::FAILED_PRECONDITION;
  });
  Start();
  ASSERT_TRUE(WaitForEnd());
  EXPECT_TRUE(server_.Get().finishes.empty());
}

TEST_F(SessionTest, RefusedSamplesFailTheSweep) {
  server_.Set(
      [](CoordinatorState& state) { state.refuse_samples = grpc::StatusCode::INVALID_ARGUMENT; });
  Start();
  ASSERT_TRUE(WaitForEnd());
  EXPECT_EQ(Last().outcome(), Finish::OUTCOME_FAILED);
  EXPECT_THAT(Last().failure().message(), HasSubstr("refused samples"));
}

TEST_F(SessionTest, MissingRunnerFailsTheSweep) {
  options_.runner = "/nowhere/cusp-runner";
  Start();
  ASSERT_TRUE(WaitForEnd());
  EXPECT_EQ(Last().outcome(), Finish::OUTCOME_FAILED);
  EXPECT_EQ(Last().failure().reason(), v1::Failure::REASON_CRASHED);
}

TEST_F(SessionTest, CrashingPointDoesNotEndTheSweep) {
  const ScriptInEnvironment script(
      R"({"faults": [{"variant": 1, "length": 64, "kind": "crash", "times": 3}]})");
  Start();
  ASSERT_TRUE(WaitForEnd());
  const Finish last = Last();
  EXPECT_EQ(last.outcome(), Finish::OUTCOME_SUCCEEDED);
  int crashed = 0;
  for (const v1::Cost& cost : last.result().costs()) {
    if (cost.outcome() == v1::OUTCOME_CRASHED) {
      ++crashed;
      EXPECT_THAT(cost.failure_message(), HasSubstr("signal 11"));
    }
  }
  EXPECT_EQ(crashed, 1);
}

TEST_F(SessionTest, FormulasAloneAreDeliveredWithTheirProvenance) {
  v1::JobSpec spec = measure::MakeSpec();
  spec.clear_metrics();
  spec.add_metrics(v1::METRIC_FLOPS);
  Start(0, 0, spec);
  ASSERT_TRUE(WaitForEnd());
  EXPECT_EQ(Last().outcome(), Finish::OUTCOME_SUCCEEDED) << Last().failure().message();
  EXPECT_TRUE(server_.Get().provenance.has_value());
}

}  // namespace
}  // namespace cusp::worker
