#include "findings/comparison_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cusp::findings {
namespace {

using ::testing::ElementsAre;

TEST(ComparisonMessageTest, EveryVerdictHasItsOwn) {
  analysis::ComparisonResult result;
  EXPECT_EQ(ToMessage(result).verdict(), v1::VERDICT_UNDECIDED);
  result.verdict = analysis::Verdict::kCrosses;
  EXPECT_EQ(ToMessage(result).verdict(), v1::VERDICT_CROSSES);
  result.verdict = analysis::Verdict::kAlways;
  EXPECT_EQ(ToMessage(result).verdict(), v1::VERDICT_ALWAYS);
  result.verdict = analysis::Verdict::kNever;
  EXPECT_EQ(ToMessage(result).verdict(), v1::VERDICT_NEVER);
}

TEST(ComparisonMessageTest, CrossingsKeepOrderIntervalAndDirection) {
  analysis::ComparisonResult result;
  result.crossings = {{300, 290, 310, analysis::Direction::kCheaper},
                      {500, 480, 530, analysis::Direction::kDearer}};
  result.first = result.crossings[0];
  const v1::Comparison message = ToMessage(result);
  ASSERT_EQ(message.crossings_size(), 2);
  EXPECT_EQ(message.crossings(0).direction(), v1::DIRECTION_CHEAPER);
  EXPECT_EQ(message.crossings(1).direction(), v1::DIRECTION_DEARER);
  EXPECT_EQ(message.crossings(1).length(), 500);
  EXPECT_EQ(message.crossings(1).low(), 480);
  EXPECT_EQ(message.crossings(1).high(), 530);
  EXPECT_EQ(message.first().length(), 300);
  EXPECT_FALSE(message.has_persistent());
}

TEST(ComparisonMessageTest, RangeLengthsAndBlocksAreCarried) {
  analysis::ComparisonResult result;
  result.range_min = 64;
  result.range_max = 4096;
  result.undecided_lengths = {256, 512};
  result.equal_lengths = {1024};
  result.persistent = analysis::Crossing{700, 690, 710, analysis::Direction::kCheaper};
  result.blocks_used = 42;
  const v1::Comparison message = ToMessage(result);
  EXPECT_EQ(message.range_min(), 64);
  EXPECT_EQ(message.range_max(), 4096);
  EXPECT_THAT(message.undecided_lengths(), ElementsAre(256, 512));
  EXPECT_THAT(message.equal_lengths(), ElementsAre(1024));
  EXPECT_EQ(message.persistent().high(), 710);
  EXPECT_EQ(message.blocks_used(), 42);
}

}  // namespace
}  // namespace cusp::findings
