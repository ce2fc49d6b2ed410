#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/model.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

TEST(LlamaTest, SharedKeysEqualRepeatedOnes) {
  nlohmann::json config = TinyConfig("llama");
  config["num_attention_heads"] = 4;
  config["num_key_value_heads"] = 2;
  const auto shared = MustBuild(config);
  config["num_key_value_heads"] = 4;
  const auto repeated = MustBuild(config);
  const auto from = shared->NamedTensors();
  const auto to = repeated->NamedTensors();
  ASSERT_EQ(from.size(), to.size());
  for (size_t i = 0; i < from.size(); ++i) {
    at::Tensor target = to[i].second;
    at::Tensor values = from[i].second;
    if (values.sizes() != target.sizes()) {
      // Rows of head 0, head 0, head 1, head 1.
      const int64_t columns = values.dim() == 2 ? values.size(1) : 1;
      values = values.reshape({2, 4, columns}).repeat_interleave(2, 0).reshape(target.sizes());
    }
    target.copy_(values);
  }
  const Inputs inputs = TinyInputs("llama", kTinyLength, 1);
  EXPECT_LT(ScaledDifference(Infer(*shared, inputs), Infer(*repeated, inputs)), 1e-5);
}

TEST(LlamaTest, BothPlacesOfThetaMeanTheSame) {
  nlohmann::json config = TinyConfig("llama");
  const Inputs inputs = TinyInputs("llama", kTinyLength, 1);
  const at::Tensor plain = Infer(*MustBuild(config), inputs);
  config["rope_theta"] = 50.0;
  const at::Tensor older = Infer(*MustBuild(config), inputs);
  config.erase("rope_theta");
  config["rope_parameters"] = {{"rope_type", "default"}, {"rope_theta", 50.0}};
  EXPECT_TRUE(Infer(*MustBuild(config), inputs).equal(older));
  EXPECT_FALSE(plain.equal(older));
}

TEST(LlamaTest, OlderNameOfStretchedPositionsMeansTheSame) {
  nlohmann::json config = TinyConfig("llama");
  const Inputs inputs = TinyInputs("llama", kTinyLength, 1);
  const at::Tensor plain = Infer(*MustBuild(config), inputs);
  config["rope_parameters"] = {{"rope_type", "linear"}, {"factor", 2.0}, {"rope_theta", 10000.0}};
  const at::Tensor stretched = Infer(*MustBuild(config), inputs);
  EXPECT_FALSE(plain.equal(stretched));
  config.erase("rope_parameters");
  config["rope_scaling"] = {{"type", "linear"}, {"factor", 2.0}};
  EXPECT_TRUE(Infer(*MustBuild(config), inputs).equal(stretched));
}

// Beyond the context, where the frequencies of the new tokens alone differ from those
// of the ones before, as in the reference.
TEST(LlamaTest, StretchedContextTakesLongerInputs) {
  nlohmann::json config = TinyConfig("llama");
  config["max_position_embeddings"] = kTinyLength / 2;
  const Inputs inputs = TinyInputs("llama", kTinyLength, 1);
  EXPECT_THAT(MustBuild(config)->CheckInputs(inputs), StatusIs(absl::StatusCode::kInvalidArgument));
  config["rope_parameters"] = {{"rope_type", "dynamic"}, {"factor", 4.0}};
  EXPECT_THAT(MustBuild(config)->CheckInputs(inputs), IsOk());
}

}  // namespace
}  // namespace cusp::models
