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

TEST(LlamaTest, StretchedPositionsAreRefused) {
  nlohmann::json config = TinyConfig("llama");
  config["rope_scaling"] = {{"rope_type", "llama3"}, {"factor", 32.0}};
  EXPECT_THAT(BuildModel(config.dump(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("rope_scaling")));
}

}  // namespace
}  // namespace cusp::models
