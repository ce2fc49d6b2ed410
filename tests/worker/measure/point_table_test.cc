#include "worker/measure/point_table.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

using ::testing::HasSubstr;

class PointTableTest : public ::testing::Test {
 protected:
  static PointKey At(int64_t length) { return {.variant = 1, .length = length, .batch_size = 1}; }

  const SweepSetup setup_ = MakeSetup(MakeSpec());
  PointTable points_{setup_};
};

TEST_F(PointTableTest, ThirdCrashIsFinal) {
  points_.Failed(At(512), absl::UnavailableError("signal 11"));
  points_.Failed(At(512), absl::UnavailableError("signal 11"));
  EXPECT_THAT(points_.Usable(At(512)), IsOk());
  points_.Failed(At(512), absl::UnavailableError("signal 11"));
  EXPECT_THAT(points_.Usable(At(512)), StatusIs(absl::StatusCode::kUnavailable, "signal 11"));
  EXPECT_THAT(points_.Usable(At(256)), IsOk());
}

TEST_F(PointTableTest, OutOfMemoryHoldsForLongerInputs) {
  points_.Warmed(At(256), 0.01, 1, 1);
  points_.Failed(At(1024), absl::ResourceExhaustedError(""));
  EXPECT_THAT(points_.Usable(At(2048)), StatusIs(absl::StatusCode::kResourceExhausted,
                                                 HasSubstr("longest measured that fits is 256")));
  EXPECT_THAT(points_.Usable(At(512)), IsOk());
  EXPECT_THAT(points_.Usable({.variant = 0, .length = 2048, .batch_size = 1}), IsOk());
}

TEST_F(PointTableTest, LengthsOfAudioAreToldInSeconds) {
  const SweepSetup speech = MakeSetup(MakeSpeechSpec());
  PointTable points{speech};
  points.Warmed(At(8000), 0.01, 1, 1);
  points.Failed(At(24'000), absl::ResourceExhaustedError(""));
  EXPECT_THAT(points.Usable(At(24'000)),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       "out of memory at length 1.5; the longest measured that fits is 0.5"));
}

TEST_F(PointTableTest, ImpossiblePointIsFinalAtOnce) {
  points_.Failed(At(512), absl::InvalidArgumentError("no"));
  EXPECT_THAT(points_.Usable(At(512)), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(PointTableTest, WarmthBelongsToOneProcess) {
  points_.Warmed(At(512), 0.01, 3, 1);
  EXPECT_TRUE(points_.IsWarm(At(512), 1));
  EXPECT_FALSE(points_.IsWarm(At(512), 2));
  EXPECT_EQ(points_.Calls(At(512)), 3);
}

TEST_F(PointTableTest, ExpectedTimeGrowsFromTheNearestLength) {
  EXPECT_EQ(points_.ExpectedSeconds(At(512)), 0);
  points_.Warmed(At(64), 1, 1, 1);
  points_.Warmed(At(256), 0.01, 1, 1);
  EXPECT_DOUBLE_EQ(points_.ExpectedSeconds(At(512)), 0.04);
  EXPECT_DOUBLE_EQ(points_.ExpectedSeconds(At(200)), 0.01);
}

TEST_F(PointTableTest, EarlierAttemptsAreRemembered) {
  v1::Block block;
  block.set_length(512);
  block.set_batch_size(1);
  v1::Sample& sample = *block.add_samples();
  sample.set_variant("linformer-0");
  sample.set_metric(v1::METRIC_LATENCY);
  sample.set_outcome(v1::OUTCOME_CRASHED);
  sample.set_failure_message("signal 11");
  points_.Restore(block);
  EXPECT_THAT(points_.Usable(At(512)), StatusIs(absl::StatusCode::kUnavailable, "signal 11"));
}

}  // namespace
}  // namespace cusp::measure
