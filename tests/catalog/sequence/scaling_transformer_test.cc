#include "catalog/sequence/scaling_transformer.h"

#include <gtest/gtest.h>

#include "catalog/axes.h"
#include "catalog/catalog.h"
#include "tests/catalog/completion.h"

namespace cusp::catalog {
namespace {

constexpr const char* kModel = "scaling_transformer";

double FeedForwardFlops(const nlohmann::json& config, Pass pass) {
  CostTally tally({.length = 512, .pass = pass});
  AddCost(*FindModel(kModel), config, tally);
  return tally[Component::kFeedForward].flops;
}

TEST(ScalingTransformerTest, RankOfTheControllerFollowsTheSparsity) {
  EXPECT_EQ(Completed(kModel, "").at("controller_rank"), 768 / 64);
  EXPECT_EQ(Completed(kModel, R"({"ff_sparsity": 1024})").at("controller_rank"), 1);
  EXPECT_EQ(Completed(kModel, R"({"controller_rank": 5})").at("controller_rank"), 5);
}

// Two products of 512 x 768 x 3072 / N in each of 12 layers, and the controller's two.
TEST(ScalingTransformerTest, InferencePaysForTheChosenUnitsAlone) {
  const double controller = 512.0 * 12 * (768 + 3072);
  const double chosen = 512.0 * 2 * 768 * 3072 / 64;
  EXPECT_DOUBLE_EQ(FeedForwardFlops(Completed(kModel, ""), Pass::kInference),
                   12 * 2 * (controller + chosen));
  EXPECT_DOUBLE_EQ(FeedForwardFlops(Completed(kModel, ""), Pass::kTraining),
                   3 * 12 * 2 * (controller + 64 * chosen));
}

TEST(ScalingTransformerTest, CheckpointingComputesEveryUnitOnceMore) {
  EXPECT_DOUBLE_EQ(
      FeedForwardFlops(Completed(kModel, R"({"checkpointing": true})"), Pass::kTraining),
      4.0 / 3 * FeedForwardFlops(Completed(kModel, ""), Pass::kTraining));
}

TEST(ScalingTransformerTest, PruningTakesWholeBlocks) {
  const nlohmann::json config = Pruned(*FindModel(kModel), Completed(kModel, R"({"prune": 0.3})"));
  EXPECT_EQ(config.at("intermediate_size"), (48 - 14) * 64);
  EXPECT_EQ(config.at("num_attention_heads"), 12);
}

TEST(ScalingTransformerTest, MatricesAreWrittenOutForManyTokens) {
  EXPECT_FALSE(WritesMatrixOut(1, 48));
  EXPECT_FALSE(WritesMatrixOut(47, 48));
  EXPECT_TRUE(WritesMatrixOut(48, 48));
}

}  // namespace
}  // namespace cusp::catalog
