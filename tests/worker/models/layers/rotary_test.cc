#include "worker/models/layers/rotary.h"

#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

TEST(RotaryTest, TurnsEachPairByItsAngle) {
  constexpr int64_t kSize = 6;
  Rotary rotary(kSize, 100.0, at::kDouble, at::kCPU);
  const at::Tensor x = RandomNormal({1, 4, 2, kSize}, 1, 1, at::kDouble);
  const at::Tensor y = Rotate(x, rotary.At(/*before=*/3, 4));
  const auto in = x.accessor<double, 4>();
  const auto out = y.accessor<double, 4>();
  for (int64_t t = 0; t < 4; ++t) {
    for (int64_t h = 0; h < 2; ++h) {
      for (int64_t i = 0; i < kSize / 2; ++i) {
        const double angle =
            static_cast<double>(3 + t) * std::pow(100.0, -2.0 * static_cast<double>(i) / kSize);
        const double a = in[0][t][h][i];
        const double b = in[0][t][h][i + kSize / 2];
        EXPECT_NEAR(out[0][t][h][i], a * std::cos(angle) - b * std::sin(angle), 1e-6);
        EXPECT_NEAR(out[0][t][h][i + kSize / 2], b * std::cos(angle) + a * std::sin(angle), 1e-6);
      }
    }
  }
}

TEST(RotaryTest, FeaturesBeyondTheTablesStay) {
  Rotary rotary(4, 100.0, at::kDouble, at::kCPU);
  const at::Tensor x = RandomNormal({2, 5, 3, 7}, 1, 1, at::kDouble);
  const at::Tensor y = Rotate(x, rotary.At(2, 5));
  EXPECT_TRUE(y.narrow(-1, 4, 3).equal(x.narrow(-1, 4, 3)));
  EXPECT_TRUE(y.narrow(-1, 0, 4).equal(Rotate(x.narrow(-1, 0, 4), rotary.At(2, 5))));
}

TEST(RotaryTest, TablesDoNotDependOnTheOrderOfQuestions) {
  Rotary grown(8, 10000.0, at::kFloat, at::kCPU);
  for (int64_t at = 0; at < 40; ++at) {
    grown.At(at, 1);
  }
  Rotary whole(8, 10000.0, at::kFloat, at::kCPU);
  EXPECT_TRUE(grown.At(0, 40).cosine.equal(whole.At(0, 40).cosine));
  EXPECT_TRUE(grown.At(7, 5).sine.equal(whole.At(0, 40).sine.narrow(0, 7, 5)));
}

TEST(RotaryTest, TablesFollowTheInputsRegime) {
  const RotaryScaling scaling = {.type = RotaryType::kDynamic, .factor = 2, .context = 6};
  Rotary rotary(8, 100.0, at::kFloat, at::kCPU, scaling);
  const at::Tensor within = rotary.At(0, 6).sine;
  const at::Tensor beyond = rotary.At(0, 9).sine;
  EXPECT_FALSE(beyond.narrow(0, 0, 6).equal(within));
  EXPECT_TRUE(rotary.At(0, 6).sine.equal(within));
  // The next token alone: its table begins there.
  EXPECT_TRUE(rotary.At(8, 1).sine.equal(beyond.narrow(0, 8, 1)));
  EXPECT_TRUE(rotary.At(5, 4).sine.equal(beyond.narrow(0, 5, 4)));
}

TEST(RotaryTest, MagnitudeScalesWhatIsTurned) {
  Rotary plain(8, 100.0, at::kFloat, at::kCPU);
  Rotary scaled(8, 100.0, at::kFloat, at::kCPU, {.magnitude = 1.5});
  const at::Tensor x = RandomNormal({1, 4, 2, 8}, 1);
  EXPECT_LT(
      Rotate(x, scaled.At(0, 4)).sub(Rotate(x, plain.At(0, 4)).mul(1.5)).abs().max().item<double>(),
      1e-6);
}

// Tables made in a pass without gradients serve later ones with them.
TEST(RotaryTest, GradientsFlowAfterInference) {
  Rotary rotary(4, 10000.0, at::kFloat, at::kCPU);
  {
    const c10::InferenceMode guard;
    rotary.At(0, 5);
  }
  at::Tensor x = RandomNormal({1, 5, 1, 4}, 1);
  x.requires_grad_(true);
  const at::Tensor direction = RandomNormal({1, 5, 1, 4}, 2);
  Rotate(x, rotary.At(0, 5)).mul(direction).sum().backward();
  // A rotation's gradient is the rotation back: lengths are kept.
  EXPECT_NEAR(x.grad().square().sum().item<double>(), direction.square().sum().item<double>(),
              1e-4);
}

}  // namespace
}  // namespace cusp::models
