#include "catalog/text/encoder.h"

#include <gtest/gtest.h>

#include "catalog/catalog.h"

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

TEST(EncoderCostTest, RecurrenceIsLinearBeyondItsChunk) {
  const auto flops = [](int64_t tokens) {
    CostTally tally({});
    RecurrenceCost(2, tokens, 16, 5, 7, tally);
    return tally[Component::kMixing].flops;
  };
  // One chunk has no state to hand on.
  EXPECT_DOUBLE_EQ(flops(9), 2 * 2.0 * 9 * 9 * (5 + 7));
  EXPECT_DOUBLE_EQ(flops(32), 2 * 2.0 * (2 * 16 * 16 * (5 + 7) + 2 * 2 * 16 * 5 * 7));
  EXPECT_DOUBLE_EQ(flops(3200), 100 * flops(32));
  // Even chunks: 17 tokens are 9 and 8, filled up to 18.
  EXPECT_DOUBLE_EQ(flops(17), flops(18));
}

TEST(EncoderCheckTest, ChosenBlockBeyondTheInputsIsNotProfiled) {
  const auto fault = [](const nlohmann::json& given, bool profiling) {
    return CheckFits({*FindModel("local"), given, given, 100, profiling}, "block_size");
  };
  EXPECT_FALSE(fault({}, true).has_value());
  EXPECT_FALSE(fault({{"block_size", nullptr}}, true).has_value());
  EXPECT_FALSE(fault({{"block_size", 100}}, true).has_value());
  EXPECT_FALSE(fault({{"block_size", 101}}, false).has_value());
  EXPECT_FALSE(fault({{"block_size", 101}, {"max_position_embeddings", 101}}, true).has_value());
  const auto refused = fault({{"block_size", 101}}, true);
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->key, "block_size");
  EXPECT_EQ(refused->message.substr(0, 35), "block_size 101 is larger than 100, ");
}

}  // namespace
}  // namespace cusp::catalog
