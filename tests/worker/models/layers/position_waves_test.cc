#include "worker/models/layers/position_waves.h"

#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

TEST(PositionWavesTest, SinesComeFirst) {
  PositionWaves waves(6, at::kDouble, at::kCPU);
  for (const int64_t step : {1, -2}) {
    const at::Tensor table = waves.At(5, step, 4);
    EXPECT_EQ(table.sizes(), at::IntArrayRef({4, 6}));
    for (int64_t i = 0; i < 4; ++i) {
      for (int64_t j = 0; j < 3; ++j) {
        const double angle =
            static_cast<double>(5 + step * i) / std::pow(10000, static_cast<double>(j) / 3);
        const at::Tensor row = table.select(0, i);
        EXPECT_NEAR(row.select(0, j).item<double>(), std::sin(angle), 1e-6);
        EXPECT_NEAR(row.select(0, 3 + j).item<double>(), std::cos(angle), 1e-6);
      }
    }
  }
}

TEST(PositionWavesTest, TablesAreKeptWhileTheLengthIs) {
  const c10::InferenceMode guard;
  PositionWaves waves(4, at::kFloat, at::kCPU);
  waves.SetLength(9);
  const at::Tensor table = waves.At(0, 1, 9);
  waves.SetLength(9);
  EXPECT_TRUE(waves.At(0, 1, 9).is_same(table));
  // Usable where gradients are recorded, too.
  EXPECT_FALSE(table.is_inference());
  waves.SetLength(8);
  EXPECT_FALSE(waves.At(0, 1, 9).is_same(table));
}

}  // namespace
}  // namespace cusp::models
