#include "analysis/step_probes.h"

#include <algorithm>
#include <cmath>

#include "analysis/statistics.h"
#include "analysis/tile_search.h"

namespace cusp::analysis {
namespace {

constexpr int64_t kMostBlocks = 16;
constexpr double kMedianError = 1.2533;  // of a median beside a mean, normal data
constexpr double kThird = 3;             // of the precision, as a shift of the crossing

// Change of the log-ratio for each unit of log length; 0 where it is not known.
double SlopeAt(const ComparisonView& view, size_t index) {
  const auto [low, high] = view.result().brackets[index];
  const std::vector<double> before = FiniteLogRatios(*view.At(low));
  const std::vector<double> after = FiniteLogRatios(*view.At(high));
  if (before.empty() || after.empty()) {
    return 0;
  }
  return std::fabs(Median(after) - Median(before)) /
         std::log(static_cast<double>(high) / static_cast<double>(low));
}

// Blocks that tell the jump, going by the noise so far.
int64_t BlocksWanted(const ComparisonView& view, int64_t length, double slope) {
  const int64_t least = view.options().compare.min_blocks;
  const LengthData* at = view.At(length);
  if (at == nullptr || static_cast<int64_t>(at->pairs.size()) < least) {
    return least;
  }
  const std::vector<double> ratios = FiniteLogRatios(*at);
  if (ratios.size() < 2) {
    return 0;  // memory ends here
  }
  const double noise = kMedianError * Clipped(ratios, 4).deviation;
  const double wanted = std::pow(kThird * noise / (view.options().precision * slope), 2);
  return static_cast<int64_t>(
      std::ceil(std::clamp(wanted, static_cast<double>(least), double{kMostBlocks})));
}

}  // namespace

std::vector<StepProbe> StepProbes(const ComparisonView& view, size_t index) {
  const RefineOptions& options = view.options();
  const Padding& baseline = options.compare.baseline_padding;
  const Padding& candidate = options.compare.candidate_padding;
  const double slope = SlopeAt(view, index);
  if ((!baseline.IsSmooth() && !candidate.IsSmooth()) || slope == 0) {
    return {};
  }
  const auto crossing = static_cast<int64_t>(view.result().located[index].length);
  int64_t tile = kLargestTile;
  while (tile > crossing / 2) {
    tile /= 2;
  }
  // A larger tile shows on the grid itself; one within a step can't be seen at all.
  if (tile <= options.step || tile % options.step != 0) {
    return {};
  }
  std::vector<StepProbe> probes;
  const int64_t below = crossing / tile * tile;
  for (const int64_t multiple : {below, below + tile}) {
    if (multiple < options.grid.front() || multiple + options.step > options.grid.back()) {
      continue;
    }
    for (const int64_t length : {multiple, multiple + options.step}) {
      const int64_t lacking = BlocksWanted(view, length, slope) - view.Blocks(length);
      if (!view.Barred(length) && lacking > 0) {
        probes.push_back({length, lacking});
      }
    }
  }
  return probes;
}

}  // namespace cusp::analysis
