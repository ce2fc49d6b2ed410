#include "worker/models/sequence/rope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace cusp::models {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

RotaryScaling ScalingOf(const std::string& rope_parameters) {
  const auto config =
      Config::Parse(R"({"model_type": "llama", "hidden_size": 16, "num_attention_heads": 4,
                        "max_position_embeddings": 64, "rope_parameters": )" +
                        rope_parameters + "}",
                    false, 64);
  EXPECT_THAT(config, IsOk());
  return RotaryScalingOf(*config);
}

TEST(RopeTest, EachTypeIsFound) {
  EXPECT_EQ(ScalingOf("null").type, RotaryType::kDefault);
  EXPECT_EQ(ScalingOf(R"({"rope_type": "linear", "factor": 2})").type, RotaryType::kLinear);
  EXPECT_EQ(ScalingOf(R"({"rope_type": "dynamic", "factor": 2})").type, RotaryType::kDynamic);
  EXPECT_EQ(ScalingOf(R"({"rope_type": "yarn", "factor": 2})").type, RotaryType::kYarn);
  EXPECT_EQ(ScalingOf(R"({"rope_type": "proportional"})").type, RotaryType::kProportional);
}

TEST(RopeTest, ValuesReachTheirPlaces) {
  const RotaryScaling llama = ScalingOf(
      R"({"rope_type": "llama3", "factor": 8, "low_freq_factor": 2, "high_freq_factor": 3,
          "original_max_position_embeddings": 32})");
  EXPECT_EQ(llama.factor, 8);
  EXPECT_EQ(llama.low_frequency, 2);
  EXPECT_EQ(llama.high_frequency, 3);
  EXPECT_EQ(llama.context, 32);
  EXPECT_EQ(llama.magnitude, 1);
  const RotaryScaling yarn = ScalingOf(
      R"({"rope_type": "yarn", "factor": null, "original_max_position_embeddings": 16,
          "beta_fast": 5, "beta_slow": 2, "truncate": false})");
  EXPECT_EQ(yarn.factor, 4);
  EXPECT_EQ(yarn.beta_fast, 5);
  EXPECT_EQ(yarn.beta_slow, 2);
  EXPECT_FALSE(yarn.truncate);
  EXPECT_EQ(
      ScalingOf(R"({"rope_type": "proportional", "partial_rotary_factor": 0.5})").rotated_part,
      0.5);
}

TEST(RopeTest, MagnitudeIsGivenOrAsThePapersAdvise) {
  EXPECT_EQ(ScalingOf(R"({"rope_type": "yarn", "factor": 2, "attention_factor": 0.5})").magnitude,
            0.5);
  EXPECT_THAT(ScalingOf(R"({"rope_type": "yarn", "factor": 2})").magnitude,
              DoubleNear(YarnMagnitude(2), 1e-12));
  EXPECT_THAT(ScalingOf(R"({"rope_type": "yarn", "factor": 2, "mscale": 3, "mscale_all_dim": 2})")
                  .magnitude,
              DoubleNear(YarnMagnitude(2, 3) / YarnMagnitude(2, 2), 1e-12));
  const RotaryScaling longrope = ScalingOf(
      R"({"rope_type": "longrope", "original_max_position_embeddings": 16, "short_factor": [1, 2],
          "long_factor": [3, 4]})");
  EXPECT_THAT(longrope.short_factors, ElementsAre(1, 2));
  EXPECT_THAT(longrope.long_factors, ElementsAre(3, 4));
  EXPECT_THAT(longrope.magnitude, DoubleNear(LongRopeMagnitude(4, 16), 1e-12));
}

}  // namespace
}  // namespace cusp::models
