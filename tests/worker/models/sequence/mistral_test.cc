#include <gtest/gtest.h>

#include "tests/worker/models/identity_check.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/model.h"

namespace cusp::models {
namespace {

// One layer, so that a token sees no further than its window.
nlohmann::json OneLayer(int64_t window) {
  nlohmann::json config = TinyConfig("mistral");
  config["num_hidden_layers"] = 1;
  config["sliding_window"] = window;
  return config;
}

TEST(MistralTest, TokenSeesItsWindowAndNoFurther) {
  const auto model = MustBuild(OneLayer(5), {.dtype = at::kDouble});
  const at::Tensor ids = TinyInputs("mistral", kTinyLength, 1).at("input_ids");
  const at::Tensor before = Infer(*model, {{"input_ids", ids}});
  at::Tensor changed = ids.clone();
  changed.select(1, 3).fill_(1);
  const at::Tensor after = Infer(*model, {{"input_ids", changed}});
  for (int64_t i = 0; i < kTinyLength; ++i) {
    const double difference = ScaledDifference(after.narrow(1, i, 1), before.narrow(1, i, 1));
    if (i >= 3 && i < 3 + 5) {
      EXPECT_GT(difference, 1e-6) << i;
    } else {
      EXPECT_LT(difference, 1e-12) << i;
    }
  }
}

TEST(MistralTest, WideWindowIsNone) {
  nlohmann::json config = TinyConfig("mistral");
  config["sliding_window"] = nullptr;
  const Inputs inputs = TinyInputs("mistral", kTinyLength, 1);
  const at::Tensor full = Infer(*MustBuild(config), inputs);
  for (const int64_t window : {kTinyLength, 4 * kTinyLength}) {
    config["sliding_window"] = window;
    EXPECT_TRUE(Infer(*MustBuild(config), inputs).equal(full)) << window;
  }
  config["sliding_window"] = kTinyLength - 1;
  const at::Tensor cut = Infer(*MustBuild(config), inputs);
  EXPECT_LT(ScaledDifference(cut.narrow(1, 0, kTinyLength - 1), full.narrow(1, 0, kTinyLength - 1),
                             inputs.at("attention_mask").narrow(1, 0, kTinyLength - 1)),
            1e-5);
}

// A piece longer than the window after others, over several blocks.
TEST(MistralTest, DecodesInPiecesLongerThanTheWindow) {
  nlohmann::json config = TinyConfig("mistral");
  config["max_position_embeddings"] = 400;
  ExpectPiecesEqualTheWhole(config, 333, {{4, 150, 1, 1, 8, 169}});
}

}  // namespace
}  // namespace cusp::models
