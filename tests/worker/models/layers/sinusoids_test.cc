#include "worker/models/layers/sinusoids.h"

#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <cmath>

namespace cusp::models {
namespace {

TEST(SinusoidsTest, RowsAreSineAndCosineInTurn) {
  for (const int64_t features : {1, 5, 8}) {
    const at::Tensor rows = SinusoidRows(3, 4, features, at::kDouble);
    ASSERT_EQ(rows.sizes(), at::IntArrayRef({4, features}));
    for (int64_t i = 0; i < 4; ++i) {
      for (int64_t j = 0; j < features; ++j) {
        const double wave =
            std::pow(10000.0, static_cast<double>(j / 2 * 2) / static_cast<double>(features));
        const double angle = static_cast<double>(3 + i) / wave;
        EXPECT_NEAR(rows.select(0, i).select(0, j).item<double>(),
                    j % 2 == 0 ? std::sin(angle) : std::cos(angle), 1e-12);
      }
    }
  }
}

TEST(SinusoidsTest, TableGrowsWhenAskedForMore) {
  Sinusoids sinusoids(6, at::kFloat);
  const at::Tensor all = SinusoidRows(0, 40, 6, at::kFloat);
  EXPECT_TRUE(sinusoids.At(0, 3).equal(all.narrow(0, 0, 3)));
  for (int64_t before = 3; before < 30; ++before) {
    EXPECT_TRUE(sinusoids.At(before, 1).equal(all.narrow(0, before, 1)));
  }
  EXPECT_TRUE(sinusoids.At(20, 20).equal(all.narrow(0, 20, 20)));
}

TEST(SinusoidsTest, RowsMadeInInferenceServeTraining) {
  Sinusoids sinusoids(4, at::kFloat);
  {
    const c10::InferenceMode guard;
    sinusoids.At(0, 8);
  }
  EXPECT_FALSE(sinusoids.At(0, 8).is_inference());
}

}  // namespace
}  // namespace cusp::models
