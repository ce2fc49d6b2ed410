#include "worker/measure/runner_session.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

using Kind = ScriptedFault::Kind;
using ::testing::HasSubstr;

constexpr Clock::Duration kTimeout = std::chrono::seconds(1);

class RunnerSessionTest : public ::testing::Test {
 protected:
  RunnerSession& Start(Script script) {
    launcher_ = std::make_unique<FakeLauncher>(std::move(script), clock_);
    session_ = std::make_unique<RunnerSession>(setup_, *launcher_, host_, clock_);
    return *session_;
  }

  static std::vector<runner::v1::Step> OneStep() {
    runner::v1::Step step;
    step.set_length(512);
    step.set_batch_size(1);
    step.set_calls(1);
    return {step};
  }

  FakeClock clock_;
  FakeHost host_;
  const SweepSetup setup_ = MakeSetup(MakeSpec());
  std::unique_ptr<FakeLauncher> launcher_;
  std::unique_ptr<RunnerSession> session_;
};

TEST_F(RunnerSessionTest, StartsOnceAndBuildsAll) {
  RunnerSession& session = Start({});
  EXPECT_THAT(session.EnsureReady(kTimeout), IsOk());
  EXPECT_THAT(session.EnsureReady(kTimeout), IsOk());
  EXPECT_EQ(launcher_->launches(), 1);
  EXPECT_EQ(host_.started.device_class(), "Fake CPU");
  EXPECT_GT(session.start_time(), Clock::Duration(0));
  EXPECT_EQ(launcher_->starts()[0].purpose(), runner::v1::StartRequest::PURPOSE_TIMING);
  EXPECT_THAT(session.Run(OneStep(), kTimeout), IsOk());
}

TEST_F(RunnerSessionTest, RefusedVariantIsNamedAndNotTriedAgain) {
  RunnerSession& session =
      Start({.faults = {{.kind = Kind::kInvalid, .variant = 1, .length = 0, .times = -1}}});
  EXPECT_THAT(session.EnsureReady(kTimeout),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'linformer-0'")));
  EXPECT_EQ(launcher_->launches(), 1);
}

TEST_F(RunnerSessionTest, CrashWhileBuildingIsTriedThreeTimes) {
  RunnerSession& session =
      Start({.faults = {{.kind = Kind::kCrash, .variant = 1, .length = 0, .times = 2}}});
  EXPECT_THAT(session.EnsureReady(kTimeout), IsOk());
  EXPECT_EQ(launcher_->launches(), 3);
}

TEST_F(RunnerSessionTest, DeadRunnerIsReplaced) {
  RunnerSession& session =
      Start({.faults = {{.kind = Kind::kCrash, .variant = 0, .length = 512, .times = 1}}});
  EXPECT_THAT(session.EnsureReady(kTimeout), IsOk());
  EXPECT_THAT(session.Run(OneStep(), kTimeout), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(session.EnsureReady(kTimeout), IsOk());
  EXPECT_EQ(session.generation(), 2);
  EXPECT_THAT(session.Run(OneStep(), kTimeout), IsOk());
}

TEST_F(RunnerSessionTest, StepWithoutDurationIsNoResult) {
  RunnerSession& session =
      Start({.faults = {{.kind = Kind::kZero, .variant = 0, .length = 512, .times = 1}}});
  EXPECT_THAT(session.EnsureReady(kTimeout), IsOk());
  EXPECT_THAT(session.Run(OneStep(), kTimeout),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("a step of 0 ns")));
}

TEST_F(RunnerSessionTest, NothingStartsAfterAStop) {
  host_.stop = StopRequest::kNow;
  EXPECT_THAT(Start({}).EnsureReady(kTimeout), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(launcher_->launches(), 0);
}

}  // namespace
}  // namespace cusp::measure
