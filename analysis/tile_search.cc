#include "analysis/tile_search.h"

#include <cstddef>
#include <vector>

#include "analysis/ratio_curves.h"

namespace cusp::analysis {
namespace {

constexpr int64_t kSmallestTile = 32;
constexpr size_t kFewestPoints = 6;
constexpr double kNear = 1.1;  // ratio of lengths that show a step between them
// What a tile must take away from chi-square: noise alone does not, with the ten that are
// tried.
constexpr double kClear = 30;
constexpr double kMuch = 3;  // times less, where not even the tile fits

bool ShowsStep(std::span<const RatioPoint> points, const Padding& tile) {
  for (size_t i = 1; i < points.size(); ++i) {
    const double before = points[i - 1].length;
    const double after = points[i].length;
    if (after <= kNear * before && PaddedLength(before, tile) != PaddedLength(after, tile)) {
      return true;
    }
  }
  return false;
}

class Search {
 public:
  Search(std::span<const RatioPoint> points, const RatioFitOptions& options)
      : points_(points), options_(options) {}

  TileSearch Run() {
    const PairPadding declared{options_.baseline_padding, options_.candidate_padding};
    std::vector<Padding> tiles;
    for (int64_t size = kSmallestTile; size <= kLargestTile; size *= 2) {
      if (ShowsStep(points_, {.quantum = size})) {
        tiles.push_back({.quantum = size});
      }
    }
    const bool smooth = declared.baseline.IsSmooth() || declared.candidate.IsSmooth();
    if (!smooth || tiles.empty() || points_.size() < kFewestPoints) {
      return {.padding = declared};
    }
    const RatioCurves plain = FitWith(declared);
    if (plain.Fits()) {
      return {.padding = declared};
    }
    best_ = declared;
    least_ = plain.chi_square;
    for (const Padding& tile : tiles) {
      if (declared.candidate.IsSmooth()) {
        Try({declared.baseline, tile});
      }
      if (declared.baseline.IsSmooth()) {
        Try({tile, declared.candidate});
      }
      if (declared.IsSmooth()) {
        Try({tile, tile});
      }
    }
    const bool fits = best_fits_ || least_ < plain.chi_square / kMuch;
    const bool found = fits && plain.chi_square - least_ > kClear;
    return {.padding = found ? best_ : declared, .searched = true};
  }

 private:
  RatioCurves FitWith(const PairPadding& padding) const {
    RatioFitOptions options = options_;
    options.baseline_padding = padding.baseline;
    options.candidate_padding = padding.candidate;
    return FitCurves(points_, options);
  }

  void Try(const PairPadding& padding) {
    const RatioCurves curves = FitWith(padding);
    if (curves.chi_square < least_) {
      least_ = curves.chi_square;
      best_ = padding;
      best_fits_ = curves.Fits();
    }
  }

  std::span<const RatioPoint> points_;
  const RatioFitOptions& options_;
  PairPadding best_;
  double least_ = 0;
  bool best_fits_ = false;
};

}  // namespace

TileSearch FindTiles(std::span<const RatioPoint> points, const RatioFitOptions& options) {
  return Search(points, options).Run();
}

}  // namespace cusp::analysis
