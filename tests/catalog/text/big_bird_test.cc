#include <gtest/gtest.h>

#include <string_view>

#include "catalog/catalog.h"
#include "catalog/config.h"
#include "catalog/cost.h"

namespace cusp::catalog {
namespace {

CompleteConfig Complete(std::string_view config, int64_t longest) {
  ConfigRequest request;
  request.model = FindModel("big_bird");
  request.base_json = config;
  request.longest_length = longest;
  return CompleteConfigOf(request).config;
}

double Flops(const Model& model, const CompleteConfig& config, int64_t length) {
  CostTally tally({.length = length});
  model.rules.cost(nlohmann::json::parse(config.json, nullptr, false), tally.work(), tally);
  return tally.Total().flops;
}

TEST(BigBirdRulesTest, CountsParametersOfTheBaseModel) {
  // bigbird-roberta-base without its pooler.
  EXPECT_DOUBLE_EQ(
      Complete(R"({"vocab_size": 50358, "max_position_embeddings": 4096})", 100).parameters,
      127'468'800.0 - (768.0 * 768 + 768));
}

TEST(BigBirdRulesTest, CostsWhatBertCostsUpTo704Tokens) {
  const Model& big_bird = *FindModel("big_bird");
  const Model& bert = *FindModel("bert");
  const CompleteConfig config = Complete("{}", 4096);
  for (const int64_t length : {1, 63, 700, 704}) {
    EXPECT_DOUBLE_EQ(Flops(big_bird, config, length), Flops(bert, config, length)) << length;
  }
  EXPECT_LT(Flops(big_bird, config, 4096), Flops(bert, config, 4096));
  // Beyond, in whole blocks.
  EXPECT_DOUBLE_EQ(Flops(big_bird, config, 705), Flops(big_bird, config, 768));
}

TEST(BigBirdRulesTest, OnlyTheSparsePatternPads) {
  EXPECT_EQ(Complete("{}", 4096).quantum, 64);
  EXPECT_EQ(Complete(R"({"attention_type": "original_full"})", 4096).quantum, 1);
}

}  // namespace
}  // namespace cusp::catalog
