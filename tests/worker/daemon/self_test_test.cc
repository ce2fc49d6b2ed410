#include "worker/daemon/self_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::worker {
namespace {

using ::testing::HasSubstr;

constexpr Curve kIdle{.a = 50e-9};
constexpr Curve kBusy{.a = 1.002e-3};
constexpr Curve kTwin{.a = 1e-3, .b = 1e-5};

class SelfTestTest : public ::testing::Test {
 protected:
  absl::StatusOr<SelfTestReport> Run(Script script) {
    measure::FakeLauncher launcher(std::move(script), clock_);
    SelfTestOptions options;
    options.noise.proc_stat = "/dev/null";
    options.threads = 3;
    return RunSelfTest(launcher, options,
                       [this](const std::string& part) { parts_.push_back(part); });
  }

  // `other`: how much dearer the copy is.
  static Script Twins(double other, double noise) {
    const Curve copy{.a = other * kTwin.a, .b = other * kTwin.b};
    return {.variants = {{.seconds = kIdle, .bytes = {}},
                         {.seconds = kBusy, .bytes = {}},
                         {.seconds = kTwin, .bytes = {}},
                         {.seconds = copy, .bytes = {}}},
            .noise = noise};
  }

  FakeClock clock_;
  std::vector<std::string> parts_;
};

TEST_F(SelfTestTest, TwinsDoNotDiffer) {
  const auto report = Run(Twins(1, 0.01));
  ASSERT_THAT(report, IsOk());
  EXPECT_FALSE(report->Differs());
  ASSERT_EQ(report->lengths.size(), 3U);
  // Two samples of 1 % noise each.
  EXPECT_NEAR(report->Noise(), 0.014, 0.006);
  EXPECT_NEAR(report->overhead_share, 0.002, 0.002);
  EXPECT_NEAR(report->timer.empty_ns, 50, 3);
  EXPECT_EQ(report->facts.threads(), 3);
  EXPECT_EQ(parts_.size(), 5U);
}

TEST_F(SelfTestTest, PlantedDifferenceIsFound) {
  const auto report = Run(Twins(1.05, 0.01));
  ASSERT_THAT(report, IsOk());
  EXPECT_TRUE(report->Differs());
  EXPECT_NEAR(report->lengths[0].found.ratio, 1.05, 0.01);
}

TEST_F(SelfTestTest, RunnersFailureIsTold) {
  Script script = Twins(1, 0.01);
  script.faults = {{.kind = ScriptedFault::Kind::kInvalid, .variant = 2, .length = 0}};
  EXPECT_THAT(Run(script),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("impossible configuration")));
}

}  // namespace
}  // namespace cusp::worker
