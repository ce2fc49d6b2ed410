#include "worker/models/layers/axial_positions.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

TEST(AxialPositionsTest, FeaturesAreThoseOfRowAndColumn) {
  ParameterStore store({.dtype = at::kDouble});
  const AxialPositions positions(store, "p", {.shape = {3, 4}, .sizes = {2, 5}});
  EXPECT_EQ(store.tensors()[0].first, "p.weights.0");
  EXPECT_EQ(store.tensors()[1].first, "p.weights.1");
  const at::Tensor rows = store.tensors()[0].second;
  const at::Tensor columns = store.tensors()[1].second;
  for (const int64_t length : {1, 4, 5, 11, 12}) {
    const at::Tensor table = positions(2, length);
    EXPECT_EQ(table.sizes(), at::IntArrayRef({1, length, 7}));
    for (int64_t i = 0; i < length; ++i) {
      const at::Tensor expected =
          ops::Cat({rows.select(0, i / 4).select(0, 0), columns.select(0, 0).select(0, i % 4)}, 0);
      EXPECT_TRUE(table.select(0, 0).select(0, i).equal(expected)) << i;
    }
  }
}

TEST(AxialPositionsTest, DeviationIsItsOwn) {
  ParameterStore store({.initializer_range = 1e-6});
  const AxialPositions positions(store, "p",
                                 {.shape = {30, 40}, .sizes = {20, 50}, .initializer_range = 3});
  EXPECT_NEAR(store.tensors()[1].second.std().item<double>(), 3, 0.3);
  EXPECT_LT(store.Normal("q", {40}).abs().max().item<double>(), 1e-4);
}

TEST(AxialPositionsTest, DropoutTakesWholeColumns) {
  ParameterStore store({.dtype = at::kDouble});
  const AxialPositions positions(store, "p", {.shape = {3, 40}, .sizes = {2, 5}, .dropout = 0.5});
  const at::Tensor table = positions(2, 120).view({2, 3, 40, 7});
  EXPECT_EQ(table.size(0), 2);
  const at::Tensor dropped = table.eq(0);
  EXPECT_TRUE(dropped.all(-1).all(1).equal(dropped.any(-1).any(1)));
  EXPECT_GT(dropped.sum().item<int64_t>(), 0);
  EXPECT_LT(dropped.sum().item<int64_t>(), table.numel());
}

}  // namespace
}  // namespace cusp::models
