// Padding that nobody declared: kernels that work in tiles make costs jump at the
// multiples of a tile, though the model itself pads nothing.
#pragma once

#include <cstdint>
#include <span>

#include "analysis/padding.h"
#include "analysis/ratio_fit.h"

namespace cusp::analysis {

inline constexpr int64_t kLargestTile = 512;

struct TileSearch {
  PairPadding padding;
  bool searched = false;  // which takes as long as 240 draws of a bootstrap
};

// The declared paddings (of options), unless curves with these miss the ratios and curves
// with a tile in place of a smooth cost miss them by much less. Tiles are powers of two, 32 to
// kLargestTile, for one variant or for both. Only a tile one of whose steps lies between two
// lengths within 10 % of each other is taken: farther apart, many other shapes of costs look
// like a step. `points` ascend in length.
TileSearch FindTiles(std::span<const RatioPoint> points, const RatioFitOptions& options);

}  // namespace cusp::analysis
