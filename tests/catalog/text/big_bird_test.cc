#include <gtest/gtest.h>

#include "catalog/catalog.h"
#include "catalog/cost.h"
#include "tests/catalog/completion.h"

namespace cusp::catalog {
namespace {

constexpr Completion kLong = {.longest_length = 4096};

double Flops(const Model& model, const nlohmann::json& config, int64_t length) {
  CostTally tally({.length = length});
  model.rules.cost(config, tally.work(), tally);
  return tally.Total().flops;
}

TEST(BigBirdRulesTest, CountsParametersOfTheBaseModel) {
  // bigbird-roberta-base without its pooler.
  EXPECT_DOUBLE_EQ(Complete("big_bird", R"({"vocab_size": 50358, "max_position_embeddings": 4096})")
                       .config.parameters,
                   127'468'800.0 - (768.0 * 768 + 768));
}

TEST(BigBirdRulesTest, CostsWhatBertCostsUpTo704Tokens) {
  const Model& big_bird = *FindModel("big_bird");
  const Model& bert = *FindModel("bert");
  const nlohmann::json config = Completed("big_bird", "{}", kLong);
  for (const int64_t length : {1, 63, 700, 704}) {
    EXPECT_DOUBLE_EQ(Flops(big_bird, config, length), Flops(bert, config, length)) << length;
  }
  EXPECT_LT(Flops(big_bird, config, 4096), Flops(bert, config, 4096));
  // Beyond, in whole blocks.
  EXPECT_DOUBLE_EQ(Flops(big_bird, config, 705), Flops(big_bird, config, 768));
}

TEST(BigBirdRulesTest, OnlyTheSparsePatternPads) {
  EXPECT_EQ(Complete("big_bird", "{}", kLong).config.quantum, 64);
  EXPECT_EQ(Complete("big_bird", R"({"attention_type": "original_full"})", kLong).config.quantum,
            1);
}

}  // namespace
}  // namespace cusp::catalog
