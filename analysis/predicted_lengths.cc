#include "analysis/predicted_lengths.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>

#include "analysis/cost_fit.h"
#include "analysis/statistics.h"

namespace cusp::analysis {
namespace {

constexpr size_t kMostPredicted = 3;  // sign changes scanned on a fit's word alone
constexpr int64_t kMostScanned = 24;  // lengths beyond the grid with kMany blocks
constexpr int kMany = 8;
// Blocks after which a length that curves ask for is left unsure. Beside a step
// costs differ by a per cent or two: with the first few blocks alone it was
// nearly never sure, and the changes of order there were not reported.
constexpr int kMostBlocks = 32;

CostCurve FitVariant(const ComparisonView& view, bool baseline) {
  std::vector<CurvePoint> points;
  for (const auto& [length, at] : view.by_length()) {
    std::vector<double> costs;
    for (const CostPair& pair : at->pairs) {
      const double cost = baseline ? pair.baseline : pair.candidate;
      if (!std::isinf(cost)) {
        costs.push_back(cost);
      }
    }
    if (!costs.empty()) {
      points.push_back({static_cast<double>(length), Median(costs), 1});
    }
  }
  const PairPadding& padding = view.result().padding;
  return FitCost(points, baseline ? padding.baseline : padding.candidate);
}

// Sign changes of the curves that lie outside brackets or share one.
std::vector<double> UnseenChanges(const ComparisonView& view) {
  const auto first = static_cast<double>(view.by_length().begin()->first);
  const auto last = static_cast<double>(view.by_length().rbegin()->first);
  std::map<std::optional<size_t>, std::vector<double>> by_bracket;
  for (const double change :
       SignChanges(FitVariant(view, true), FitVariant(view, false), first, last)) {
    by_bracket[view.BracketAround(static_cast<int64_t>(std::llround(change)))].push_back(change);
  }
  std::vector<double> unseen;
  for (const auto& [bracket, inside] : by_bracket) {
    if (!bracket || inside.size() > 1) {
      unseen.insert(unseen.end(), inside.begin(), inside.end());
    }
  }
  if (unseen.size() > kMostPredicted) {
    unseen.resize(kMostPredicted);
  }
  return unseen;
}

}  // namespace

std::vector<int64_t> PredictedLengths(const ComparisonView& view) {
  const RefineOptions& options = view.options();
  const auto scanned =
      std::count_if(view.by_length().begin(), view.by_length().end(), [&view](const auto& entry) {
        return !view.OnGrid(entry.first) && view.Blocks(entry.first) >= kMany;
      });
  if (view.result().padding.IsSmooth() || view.by_length().size() < 4 || scanned > kMostScanned) {
    return {};
  }
  std::vector<int64_t> lengths;
  for (const double change : UnseenChanges(view)) {
    const auto below = static_cast<int64_t>(change) / options.step * options.step;
    for (const int64_t length : {below, below + options.step}) {
      const bool inside =
          length > view.by_length().begin()->first && length < view.by_length().rbegin()->first;
      const bool looked_at = view.At(length) != nullptr &&
                             (!view.Unclear(length) || view.Blocks(length) >= kMostBlocks);
      if (inside && !view.Barred(length) && !looked_at) {
        lengths.push_back(length);
      }
    }
  }
  return lengths;
}

}  // namespace cusp::analysis
