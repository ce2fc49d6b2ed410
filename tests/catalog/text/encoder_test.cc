#include "catalog/text/encoder.h"

#include <gtest/gtest.h>

namespace cusp::catalog {
namespace {

const nlohmann::json kConfig = {{"hidden_size", 8},
                                {"num_hidden_layers", 3},
                                {"num_attention_heads", 2},
                                {"intermediate_size", 20}};

TEST(EncoderCostTest, EachLayerHasFourProjectionsAndTwoProductsOfItsFeedForward) {
  CostTally tally({.batch_size = 5});
  int layers = 0;
  EncoderCost(kConfig, 7, tally, [&layers] { ++layers; });
  EXPECT_EQ(layers, 3);
  EXPECT_DOUBLE_EQ(tally[Component::kProjection].flops, 3.0 * 4 * 2 * 35 * 8 * 8);
  EXPECT_DOUBLE_EQ(tally[Component::kFeedForward].flops, 3.0 * 2 * 2 * 35 * 8 * 20);
}

TEST(EncoderCostTest, PlainAttentionIsQuadratic) {
  CostTally tally({.batch_size = 5});
  PlainAttentionCost(kConfig, 7, tally);
  EXPECT_DOUBLE_EQ(tally[Component::kMixing].flops, 2.0 * 2 * 5 * 7 * 7 * 8);
}

}  // namespace
}  // namespace cusp::catalog
