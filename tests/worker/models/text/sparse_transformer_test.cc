#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/formula_check.h"
#include "tests/worker/models/identity_check.h"
#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

nlohmann::json Fixed(int64_t block, int64_t summary) {
  nlohmann::json config = TinyConfig("sparse_transformer");
  config["pattern"] = "fixed";
  config["block_size"] = block;
  config["summary_size"] = summary;
  return config;
}

nlohmann::json Strided(int64_t stride) {
  nlohmann::json config = TinyConfig("sparse_transformer");
  config["pattern"] = "strided";
  config["stride"] = stride;
  return config;
}

// Dense attention under the pattern's mask.
SlowAttention ByDefinition(const nlohmann::json& config) {
  return [config](const SlowLayer& layer) {
    const at::Tensor j = ops::Arange(layer.x.size(1), at::kCPU);
    const at::Tensor i = j.unsqueeze(1);
    const at::Tensor before = j.le(i);
    if (config.at("pattern") == "fixed") {
      const int64_t l = config.at("block_size").get<int64_t>();
      const int64_t c = config.at("summary_size").get<int64_t>();
      return AttentionWhere(
          layer, before.logical_and(
                     i.floor_divide(l).eq(j.floor_divide(l)).logical_or(j.remainder(l).ge(l - c))));
    }
    const int64_t l = config.at("stride").get<int64_t>();
    return AttentionWhere(
        layer, before.logical_and(i.sub(j).lt(l).logical_or(i.sub(j).remainder(l).eq(0))));
  };
}

// Causal, so what a mask at the end hides is of no account to real tokens; one in the middle is.
TEST(SparseTransformerTest, EqualsAttentionUnderThePatternsMask) {
  for (const nlohmann::json& config :
       {Fixed(1, 1), Fixed(4, 1), Fixed(5, 3), Fixed(8, 8), Fixed(64, 4), Strided(1), Strided(4),
        Strided(7), Strided(64)}) {
    ExpectEqualsSlowly(config, {1, 2, 13, 24, 64}, ByDefinition(config));
    const auto model = MustBuild(config, {.dtype = at::kDouble});
    Inputs inputs = TinyInputs("sparse_transformer", 29, 1);
    inputs["attention_mask"].narrow(1, 3, 9).zero_();
    EXPECT_LT(ScaledDifference(Infer(*model, inputs),
                               SlowEncoder(config, *model, inputs, ByDefinition(config)),
                               inputs.at("attention_mask")),
              1e-9)
        << config;
  }
}

TEST(SparseTransformerTest, PatternFollowsTheRootOfTheLength) {
  nlohmann::json config = Fixed(6, 2);
  config["block_size"] = nullptr;
  const auto model = MustBuild(config, {.dtype = at::kDouble});
  // 6 is the root of 36 to 48.
  for (const int64_t length : {36, 48}) {
    const Inputs inputs = TinyInputs("sparse_transformer", length, 1);
    EXPECT_LT(ScaledDifference(Infer(*model, inputs),
                               SlowEncoder(config, *model, inputs, ByDefinition(Fixed(6, 2))),
                               inputs.at("attention_mask")),
              1e-9)
        << length;
  }
}

TEST(SparseTransformerTest, FormulasHoldForBothPatterns) {
  for (nlohmann::json config : {Fixed(5, 5), Fixed(64, 3), Strided(5), Strided(40)}) {
    ExpectCostsAsCounted(config);
  }
  nlohmann::json config = Strided(1);
  config["stride"] = nullptr;
  ExpectCostsAsCounted(config);
}

TEST(SparseTransformerTest, DecodingFollowsBothPatterns) {
  for (const nlohmann::json& config : {Fixed(4, 2), Fixed(64, 1), Strided(4), Strided(1)}) {
    ExpectPiecesEqualTheWhole(config, 21, {std::vector<int64_t>(21, 1), {6, 1, 5, 9}});
  }
}

TEST(SparseTransformerTest, WhatItIsNotIsRefused) {
  nlohmann::json config = Fixed(4, 5);
  EXPECT_THAT(BuildModel(config.dump(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("summary_size 5"), HasSubstr("block_size 4"))));
  config = Fixed(4, 1);
  config["is_decoder"] = false;
  EXPECT_THAT(BuildModel(config.dump(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("causal by definition")));
}

}  // namespace
}  // namespace cusp::models
