#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

// Both have the same tensors, so a seed gives the same weights.
TEST(LHubertTest, WindowOfTwiceTheLengthIsFullAttention) {
  for (const int64_t samples : {400, 5003, 12'345}) {
    const Inputs inputs = TinyInputs("hubert", samples < 1000 ? 1000 : samples, 1);
    const at::Tensor full = Infer(*MustBuild(TinyConfig("hubert")), inputs);
    nlohmann::json config = TinyConfig("l_hubert");
    config["attention_window"] = 2 * full.size(1);
    EXPECT_LT(
        ScaledDifference(Infer(*MustBuild(config), inputs), full, RealRows(inputs, full.size(1))),
        1e-5)
        << samples;
  }
}

TEST(LHubertTest, FramesBeyondTheBandChangeNothing) {
  nlohmann::json config = TinyConfig("l_hubert");
  config["num_hidden_layers"] = 1;
  // A norm over time would carry changes anywhere.
  config["feat_extract_norm"] = "layer";
  const auto model = MustBuild(config);
  const at::Tensor wave = RandomNormal({1, 400 + 320 * 39}, 1);
  at::Tensor other = wave.clone();
  other.narrow(1, 400 + 320 * 29, 320 * 10).zero_();
  const at::Tensor before = Infer(*model, {{"input_values", wave}});
  const at::Tensor after = Infer(*model, {{"input_values", other}});
  // Frame 29 is the first that hears it, 3 before by positions, 4 more by the band.
  EXPECT_LT(ScaledDifference(after.narrow(1, 0, 22), before.narrow(1, 0, 22)), 1e-5);
  EXPECT_GT(ScaledDifference(after.narrow(1, 30, 10), before.narrow(1, 30, 10)), 1e-3);
}

}  // namespace
}  // namespace cusp::models
