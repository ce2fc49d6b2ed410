#include "worker/measure/flops_blocks.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

TEST(FlopsBlocksTest, OperationsAreThoseOfTheFormulaForTheBatch) {
  const SweepSetup setup = MakeSetup(MakeSpec());
  FlopsBlocks blocks(setup);
  const auto one = blocks.Measure({.length = 128, .variants = {0}}, 1, Clock::Duration::zero());
  const auto four = blocks.Measure({.length = 128, .variants = {0}}, 4, Clock::Duration::zero());
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(four, IsOk());
  EXPECT_EQ(four->samples(0).value(), 4 * one->samples(0).value());
  // A tiny BERT: 2 layers; 64 features, 256 in the feed-forward part; per token and layer
  // 2 (4 d² + 2 d f) and 4 n d of attention.
  const double d = 64;
  const double f = 256;
  const double n = 128;
  EXPECT_EQ(one->samples(0).value(), 2 * n * (2 * (4 * d * d + 2 * d * f) + 4 * n * d));
}

}  // namespace
}  // namespace cusp::measure
