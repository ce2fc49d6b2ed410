#include "analysis/tile_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "analysis/ratio_curves.h"
#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

const TrueCost kQuadratic = Curve(2e-3, 8e-5, 6e-8);
const TrueCost kLinear = Curve(4e-3, 1.3e-4, 0);
// A doubling grid, and one step of 16 beside two of it.
const std::vector<int64_t> kLengths = {64, 128, 256, 512, 528, 1024, 1040, 2048, 4096};

std::vector<RatioPoint> Points(const std::vector<TrueCost>& costs, Noise noise, uint64_t seed,
                               const std::vector<int64_t>& lengths = kLengths) {
  return RatioPoints(SampleGrid(costs, lengths, 8, noise, seed));
}

TEST(TileSearchTest, TileOfOneVariantIsFound) {
  for (const int64_t tile : {64, 128, 256, 512}) {
    int found = 0;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      const auto points =
          Points({kQuadratic, Padded(kLinear, static_cast<double>(tile))}, {0.01}, seed);
      const PairPadding padding = FindTiles(points, {}).padding;
      found += padding == PairPadding{{}, {.quantum = tile}} ? 1 : 0;
    }
    // A tile of 64 makes 5 % at the lengths beside, some of which is bent away.
    EXPECT_GE(found, tile == 64 ? 10 : 18) << tile;
  }
}

TEST(TileSearchTest, TileOfTheBaselineIsFound) {
  const auto points = Points({Padded(kQuadratic, 128), kLinear}, {0.01}, 1);
  EXPECT_EQ(FindTiles(points, {}).padding, (PairPadding{{.quantum = 128}, {}}));
}

TEST(TileSearchTest, SmoothCostsHaveNone) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const auto points = Points({kQuadratic, kLinear}, {0.02, 0.01, 0.05, 0.3}, seed);
    EXPECT_TRUE(FindTiles(points, {}).padding.IsSmooth()) << seed;
  }
}

TEST(TileSearchTest, DeclaredPaddingStaysAndTheOtherIsSmoothWhereThatFits) {
  const auto points = Points({kQuadratic, Padded(kLinear, 128)}, {0.01}, 1);
  RatioFitOptions options;
  options.candidate_padding = {.quantum = 128};
  EXPECT_EQ(FindTiles(points, options).padding, (PairPadding{{}, {.quantum = 128}}));
}

TEST(TileSearchTest, TileBesideADeclaredPaddingIsFound) {
  const auto points = Points({Padded(kQuadratic, 256), Padded(kLinear, 128)}, {0.01}, 1);
  RatioFitOptions options;
  options.candidate_padding = {.quantum = 128};
  EXPECT_EQ(FindTiles(points, options).padding, (PairPadding{{.quantum = 256}, {.quantum = 128}}));
}

TEST(TileSearchTest, PlateauIsNoTile) {
  // Launch-bound below 300: smooth curves miss it, and wide tiles would fit by chance.
  const auto plateau = [](TrueCost cost, double least) {
    return TrueCost([=](double n) { return std::max(least, cost(n)); });
  };
  const std::vector<TrueCost> costs = {plateau(kQuadratic, 30e-3), plateau(kLinear, 45e-3)};
  const std::vector<int64_t> grid = {64, 128, 256, 512, 1024, 2048, 4096};
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    EXPECT_TRUE(FindTiles(Points(costs, {0.01}, seed, grid), {}).padding.IsSmooth()) << seed;
  }
}

TEST(TileSearchTest, GridOfMultiplesAloneShowsNoTile) {
  const auto points =
      Points({kQuadratic, Padded(kLinear, 64)}, {0.01}, 1, {64, 128, 256, 512, 1024, 2048, 4096});
  EXPECT_TRUE(FindTiles(points, {}).padding.IsSmooth());
}

TEST(TileSearchTest, FewPointsShowNothing) {
  EXPECT_TRUE(FindTiles({}, {}).padding.IsSmooth());
  const auto points = Points({kQuadratic, Padded(kLinear, 512)}, {0.001}, 1, {64, 528, 1040});
  EXPECT_TRUE(FindTiles(points, {}).padding.IsSmooth());
}

}  // namespace
}  // namespace cusp::analysis
