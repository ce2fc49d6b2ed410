#include "worker/measure/median.h"

#include <gtest/gtest.h>

#include <vector>

#include "common/random.h"

namespace cusp::measure {
namespace {

TEST(MedianTest, OneValueIsItsOwnInterval) {
  const MedianInterval interval = MedianOf({3});
  EXPECT_EQ(interval.median, 3);
  EXPECT_EQ(interval.low, 3);
  EXPECT_EQ(interval.high, 3);
}

TEST(MedianTest, EvenCountTakesTheMiddle) { EXPECT_EQ(MedianOf({4, 1, 3, 2}).median, 2.5); }

TEST(MedianTest, RanksAreThoseOfTheBinomial) {
  // Tables of the sign test: n = 10 gives ranks 2 and 9.
  const MedianInterval interval = MedianOf({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  EXPECT_EQ(interval.low, 2);
  EXPECT_EQ(interval.high, 9);
}

TEST(MedianTest, FewValuesGiveTheExtremes) {
  const MedianInterval interval = MedianOf({5, 1, 2, 4, 3});
  EXPECT_EQ(interval.low, 1);
  EXPECT_EQ(interval.high, 5);
}

TEST(MedianTest, IntervalHoldsTheTruthNineteenTimesOfTwenty) {
  Random random(7);
  int held = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    std::vector<double> values;
    for (int i = 0; i < 30; ++i) {
      values.push_back(random.Uniform());
    }
    const MedianInterval interval = MedianOf(values);
    held += interval.low <= 0.5 && 0.5 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(held, 1880);
}

}  // namespace
}  // namespace cusp::measure
