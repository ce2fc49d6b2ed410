#include "worker/models/layers/windows.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

TEST(WindowsTest, CuttingAndPuttingTogetherChangesNothing) {
  for (const WindowCut& cut : {WindowCut{6, 9, 3, 0}, WindowCut{5, 7, 3, 1}, WindowCut{4, 4, 4, 0},
                               WindowCut{1, 2, 5, 0}}) {
    const at::Tensor x = RandomNormal({2, cut.height * cut.width, 3}, 1);
    const at::Tensor windows = ToWindows(x, cut);
    EXPECT_EQ(windows.sizes(), at::IntArrayRef({2 * cut.windows(), cut.area(), 3}));
    EXPECT_TRUE(FromWindows(windows, cut).equal(x));
  }
}

TEST(WindowsTest, WindowsHoldNeighbours) {
  const at::Tensor x = ops::Arange(24, at::kCPU).view({1, 24, 1});
  const at::Tensor windows = ToWindows(x, {.height = 4, .width = 6, .window = 2});
  EXPECT_TRUE(windows.select(0, 4).flatten().equal(
      ops::Arange(24, at::kCPU).view({4, 6}).narrow(0, 2, 2).narrow(1, 2, 2).flatten()));
}

// A patch may attend to those that lay in one window with it without the roll's seam.
TEST(WindowsTest, ShiftMaskParts) {
  const WindowCut cut = {.height = 4, .width = 4, .window = 2, .shift = 1};
  const at::Tensor mask = ShiftMask(cut, at::kFloat, at::kCPU);
  ASSERT_EQ(mask.sizes(), at::IntArrayRef({4, 4, 4}));
  EXPECT_EQ(mask.select(0, 0).abs().max().item<float>(), 0);
  // The last window holds the four corners, none of which may see another.
  const at::Tensor corners = mask.select(0, 3);
  EXPECT_EQ(corners.sum().item<float>(), -1200);
  EXPECT_EQ(corners.diagonal().abs().max().item<float>(), 0);
  EXPECT_FALSE(ShiftMask({.height = 4, .width = 4, .window = 2}, at::kFloat, at::kCPU).defined());
}

TEST(WindowsTest, OffsetsAreThoseBetweenPatches) {
  for (const int64_t table : {3, 5}) {
    const at::Tensor index = OffsetIndex(3, table, at::kCPU).view({3, 3, 3, 3});
    for (int64_t from = 0; from < 9; ++from) {
      for (int64_t to = 0; to < 9; ++to) {
        const int64_t expected =
            (from / 3 - to / 3 + table - 1) * (2 * table - 1) + from % 3 - to % 3 + table - 1;
        EXPECT_EQ(index.view({9, 9}).select(0, from).select(0, to).item<int64_t>(), expected);
      }
    }
  }
}

TEST(WindowsTest, LogOffsetsReachFromMinusToPlus) {
  const at::Tensor offsets = LogOffsets(4, 4, at::kFloat, at::kCPU);
  ASSERT_EQ(offsets.sizes(), at::IntArrayRef({49, 2}));
  const auto at = [&](int64_t row, int64_t axis) {
    return offsets.select(0, row).select(0, axis).item<double>();
  };
  EXPECT_NEAR(at(0, 0), -std::log2(9.0) / 3, 1e-6);
  EXPECT_NEAR(at(24, 0), 0, 1e-6);
  EXPECT_NEAR(at(25, 1), std::log2(8.0 / 3 + 1) / 3, 1e-6);
  EXPECT_NEAR(at(25, 0), 0, 1e-6);
  // One window alone has no offset but 0.
  EXPECT_EQ(LogOffsets(1, 1, at::kFloat, at::kCPU).abs().max().item<float>(), 0);
}

TEST(WindowsTest, MergingFillsUpOddSides) {
  const at::Tensor x = ops::Arange(15, at::kCPU).add(1).view({1, 15, 1});
  const at::Tensor merged = MergePatches(x, 3, 5);
  ASSERT_EQ(merged.sizes(), at::IntArrayRef({1, 6, 4}));
  // Rows first within a column: above, below, above right, below right.
  const auto expect = [&](int64_t row, std::initializer_list<int64_t> values) {
    int64_t i = 0;
    for (const int64_t value : values) {
      EXPECT_EQ(merged.select(1, row).select(1, i++).item<int64_t>(), value) << row;
    }
  };
  expect(0, {1, 6, 2, 7});
  expect(2, {5, 10, 0, 0});
  expect(5, {15, 0, 0, 0});
}

}  // namespace
}  // namespace cusp::models
