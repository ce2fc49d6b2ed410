#include "worker/measure/progress.h"

#include <gtest/gtest.h>

#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

using std::chrono::seconds;

class ProgressMeterTest : public ::testing::Test {
 protected:
  ProgressMeterTest() { plans_.emplace_back(setup_, v1::METRIC_LATENCY, 1); }

  FakeClock clock_;
  const SweepSetup setup_ = MakeSetup(MakeSpec());
  std::deque<Plan> plans_;
  ProgressMeter progress_{plans_, clock_};
};

TEST_F(ProgressMeterTest, StartsWithNothingDone) {
  const v1::SweepProgress progress = progress_.Make(64, "latency", seconds(600));
  EXPECT_EQ(progress.blocks_done(), 0);
  EXPECT_GT(progress.blocks_expected(), 0);
  EXPECT_EQ(progress.current_length(), 64);
  EXPECT_EQ(progress.phase(), "latency");
  ASSERT_EQ(progress.estimates_size(), 1);
  EXPECT_EQ(progress.estimates(0).comparison().candidate(), "linformer-0");
  EXPECT_FALSE(progress.estimates(0).settled());
}

TEST_F(ProgressMeterTest, TimeLeftFollowsWhatBlocksTook) {
  progress_.BlockTook(plans_[0], seconds(2));
  progress_.BlockTook(plans_[0], seconds(4));
  EXPECT_EQ(progress_.TimeLeft(plans_[0], seconds(1)), seconds(3) * plans_[0].BlocksLeft());
}

TEST_F(ProgressMeterTest, TimeLeftIsWithinTheBudget) {
  progress_.BlockTook(plans_[0], seconds(100));
  EXPECT_LE(progress_.Make(64, "latency", seconds(5)).time_left().seconds(), 5);
}

}  // namespace
}  // namespace cusp::measure
