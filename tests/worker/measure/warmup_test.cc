#include "worker/measure/warmup.h"

#include <gtest/gtest.h>

namespace cusp::measure {
namespace {

TEST(WarmupTest, OneCallIsNeverEnough) {
  Warmup warmup;
  EXPECT_FALSE(warmup.Done());
  warmup.Add(0.01);
  EXPECT_FALSE(warmup.Done());
}

TEST(WarmupTest, EndsWhenTimesStopFalling) {
  Warmup warmup;
  for (const double seconds : {0.1, 0.05, 0.02}) {
    warmup.Add(seconds);
    EXPECT_FALSE(warmup.Done());
  }
  warmup.Add(0.0199);
  EXPECT_TRUE(warmup.Done());
  EXPECT_EQ(warmup.calls(), 4);
  EXPECT_DOUBLE_EQ(warmup.best(), 0.0199);
}

TEST(WarmupTest, EndlessFallIsCutOff) {
  Warmup warmup;
  double seconds = 1;
  while (!warmup.Done()) {
    warmup.Add(seconds);
    seconds /= 2;
  }
  EXPECT_EQ(warmup.calls(), 10);
}

TEST(CallsPerSampleTest, SamplesLastLongEnough) {
  EXPECT_EQ(CallsPerSample(0.5, 1e-3), 1);
  EXPECT_EQ(CallsPerSample(1e-3, 1e-3), 1);
  EXPECT_GE(CallsPerSample(1e-5, 1e-3) * 1e-5, 1e-3);
  EXPECT_LE(CallsPerSample(1e-5, 1e-3), 120);
}

TEST(CallsPerSampleTest, TimesBelowTheClockStayBounded) {
  EXPECT_EQ(CallsPerSample(0, 1e-3), 1'000'000);
  EXPECT_EQ(CallsPerSample(1e-12, 1e-3), 1'000'000);
}

}  // namespace
}  // namespace cusp::measure
