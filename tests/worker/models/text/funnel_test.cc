#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/worker/models/formula_check.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/model.h"
#include "worker/models/safetensors.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

nlohmann::json Config(const nlohmann::json& changes) {
  nlohmann::json config = TinyConfig("funnel");
  config.update(changes);
  return config;
}

Inputs TypedInputs(int64_t length) {
  Inputs inputs = TinyInputs("funnel", length, 1);
  at::Tensor types = inputs.at("input_ids").remainder(2);
  types.select(1, 0).fill_(2);
  inputs["token_type_ids"] = types;
  return inputs;
}

// Two ways to one score.
TEST(FunnelTest, FactorizedEqualsRelativeShift) {
  for (const bool separate_cls : {true, false}) {
    for (const bool pool_q_only : {true, false}) {
      for (const int64_t length : {1, 2, 3, 5, 22, 41}) {
        nlohmann::json changes = {{"block_sizes", {1, 2, 1}},
                                  {"separate_cls", separate_cls},
                                  {"pool_q_only", pool_q_only}};
        const Inputs inputs = TypedInputs(length);
        const at::Tensor shifted = Infer(*MustBuild(Config(changes)), inputs);
        changes["attention_type"] = "factorized";
        EXPECT_LT(ScaledDifference(Infer(*MustBuild(Config(changes)), inputs), shifted,
                                   inputs.at("attention_mask")),
                  1e-4)
            << "separate " << separate_cls << ", queries only " << pool_q_only << ", length "
            << length;
      }
    }
  }
}

TEST(FunnelTest, TokenTypesMatterWhereTheyDiffer) {
  const auto model = MustBuild(TinyConfig("funnel"));
  Inputs inputs = TypedInputs(kTinyLength);
  const at::Tensor typed = Infer(*model, inputs);
  inputs["token_type_ids"] = inputs.at("token_type_ids").mul(0).add(1);
  const at::Tensor alike = Infer(*model, inputs);
  EXPECT_GT(ScaledDifference(typed, alike), 1e-3);
  inputs.erase("token_type_ids");
  EXPECT_TRUE(Infer(*model, inputs).equal(alike));
}

TEST(FunnelTest, FormulasHoldForItsVariants) {
  for (const auto* changes :
       {R"({"attention_type": "factorized"})", R"({"separate_cls": false})",
        R"({"pool_q_only": false, "truncate_seq": false})",
        R"({"block_sizes": [2, 1, 1], "block_repeats": [1, 2, 1], "num_decoder_layers": 0})"}) {
    ExpectCostsAsCounted(Config(nlohmann::json::parse(changes)));
    ExpectParametersAsBuilt(Config(nlohmann::json::parse(changes)));
  }
}

// Of published files without a decoder the last block's output is read.
TEST(FunnelTest, WeightsWithoutDecoderGiveThePooledSequence) {
  const TempDir folder;
  const std::string path = folder.path() + "/model.safetensors";
  const auto whole = MustBuild(TinyConfig("funnel"), {.seed = 1});
  std::vector<std::pair<std::string, at::Tensor>> encoder;
  for (const auto& tensor : whole->NamedTensors()) {
    if (!tensor.first.starts_with("decoder.")) {
      encoder.push_back(tensor);
    }
  }
  ASSERT_THAT(WriteSafetensors(path, encoder), IsOk());
  const auto model = MustBuild(TinyConfig("funnel"), {.seed = 2});
  ASSERT_THAT(LoadWeights(path, *model), IsOk());
  const Inputs inputs = TinyInputs("funnel", 23, 1);
  EXPECT_EQ(Infer(*model, inputs).sizes(), at::IntArrayRef({2, 12, 16}));
  EXPECT_EQ(model->Parameters().size(), encoder.size());
  EXPECT_LT(encoder.size(), whole->Parameters().size());
}

TEST(FunnelTest, ConfigurationsThatDoNotGoTogetherAreRefused) {
  for (const auto& [change, part] :
       {std::pair{R"({"d_model": 15})", "make it even"},
        {R"({"block_repeats": [1, 1, 1]})", "3 numbers for 2 blocks"},
        {R"({"block_sizes": [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]})", "17 blocks"},
        {R"({"attention_type": "absolute"})", "relative_shift factorized"},
        {R"({"pad_token_id": 37})", "outside the vocabulary"}}) {
    EXPECT_THAT(BuildModel(Config(nlohmann::json::parse(change)).dump(), {}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(part)))
        << change;
  }
}

TEST(FunnelTest, RandomWeightsFollowTheirSizes) {
  const auto model = MustBuild(Config({{"initializer_std", nullptr}, {"initializer_range", 0.1}}));
  for (const auto& [name, tensor] : model->NamedTensors()) {
    if (name == "embeddings.word_embeddings.weight") {
      EXPECT_NEAR(tensor.std().item<double>(), 1, 0.1);
    } else if (name.ends_with("r_kernel")) {
      EXPECT_GE(tensor.min().item<double>(), 0);
      EXPECT_LT(tensor.max().item<double>(), 0.1);
    } else if (name.ends_with("q_head.weight")) {
      EXPECT_NEAR(tensor.std().item<double>(), std::sqrt(1.0 / (16 + 12)), 0.05);
    }
  }
}

}  // namespace
}  // namespace cusp::models
