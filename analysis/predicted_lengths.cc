#include "analysis/predicted_lengths.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "analysis/ratio_curves.h"
#include "analysis/statistics.h"

namespace cusp::analysis {
namespace {

constexpr size_t kFewestPoints = 4;
constexpr size_t kMostPredicted = 3;  // stretches scanned on a fit's word alone, at a time
constexpr int64_t kMostScanned = 24;  // lengths beyond the grid with kMany blocks
constexpr int kMany = 8;
constexpr double kErrors = 2;   // of the curves, that a prediction may be off
constexpr size_t kNearest = 1;  // points on each side that such an error rests on
// Blocks that any such length gets. Beyond them it must promise to be sure in twice the limit,
// as promises are rough.
constexpr int kMostUnpromising = 32;
constexpr double kRough = 2;

// Lengths in a row at which one order is possible.
struct Stretch {
  int64_t clearest = 0;  // 0: none may be measured
  double margin = 0;     // by which it is, there: the log-ratio, positive for this order
  bool known = false;    // holds a sure sign of this order
};

// Where the order may be `sign` (-1: candidate cheaper, 1: dearer) and nothing shows it yet.
class StretchSearch {
 public:
  StretchSearch(const ComparisonView& view, const std::vector<RatioPoint>& points,
                const RatioFitOptions& options)
      : view_(view), points_(points), curves_(FitCurves(points, options)) {}

  std::vector<Stretch> Run() {
    const int64_t last = view_.by_length().rbegin()->first;
    const int64_t step = view_.options().step;
    for (const int sign : {-1, 1}) {
      Stretch stretch;
      for (int64_t length = view_.by_length().begin()->first; length < last;
           length = std::min((length / step + 1) * step, last)) {
        Visit(length, sign, stretch);
      }
    }
    return found_;
  }

 private:
  void Visit(int64_t length, int sign, Stretch& stretch) {
    const int sure = view_.SureSign(length);
    const auto n = static_cast<double>(length);
    const double margin = sign * std::log(curves_.candidate(n) / curves_.baseline(n));
    const double least = view_.options().compare.equal_within - kErrors * ErrorAt(n);
    if (sure == -sign || (sure == 0 && margin <= least)) {
      Close(sign, stretch);
      stretch = {};
      return;
    }
    stretch.known = stretch.known || sure == sign;
    if (!view_.Barred(length) && (stretch.clearest == 0 || margin > stretch.margin)) {
      stretch.clearest = length;
      stretch.margin = margin;
    }
  }

  void Close(int sign, const Stretch& stretch) {
    if (stretch.known || stretch.clearest == 0 || !IsWorthABlock(stretch)) {
      return;
    }
    const auto [below, above] = view_.SignsAround(stretch.clearest);
    if (below != 0 && above != 0 && (below != sign || above != sign)) {
      found_.push_back(stretch);
    }
  }

  bool IsWorthABlock(const Stretch& stretch) const {
    const int blocks = view_.Blocks(stretch.clearest);
    if (blocks == 0) {
      return true;
    }
    if (!view_.Unclear(stretch.clearest) || view_.AtLimit(stretch.clearest)) {
      return false;
    }
    const double noise = Clipped(FiniteLogRatios(*view_.At(stretch.clearest)), 4).deviation;
    const double effect = std::max(stretch.margin, view_.options().compare.equal_within);
    return blocks < kMostUnpromising ||
           BlocksForSign(noise, effect) <= kRough * view_.options().max_blocks;
  }

  // Standard error of the curves' log-ratio, about: that of the nearest points together.
  double ErrorAt(double length) const {
    const auto above = std::upper_bound(
        points_.begin(), points_.end(), length,
        [](double value, const RatioPoint& point) { return value < point.length; });
    const auto next = static_cast<size_t>(above - points_.begin());
    double weight = 0;
    for (size_t i = next - std::min(next, kNearest); i < std::min(next + kNearest, points_.size());
         ++i) {
      weight += 1 / (curves_.errors[i] * curves_.errors[i]);
    }
    return curves_.inflation / std::sqrt(weight);
  }

  const ComparisonView& view_;
  const std::vector<RatioPoint>& points_;
  const RatioCurves curves_;
  std::vector<Stretch> found_;
};

}  // namespace

std::vector<int64_t> PredictedLengths(const ComparisonView& view) {
  const auto scanned =
      std::count_if(view.by_length().begin(), view.by_length().end(), [&view](const auto& entry) {
        return !view.OnGrid(entry.first) && view.Blocks(entry.first) >= kMany;
      });
  const std::vector<RatioPoint> points = Thinned(RatioPoints(view.data()));
  if (view.result().padding.IsSmooth() || points.size() < kFewestPoints || scanned > kMostScanned) {
    return {};
  }
  RatioFitOptions options;
  options.baseline_padding = view.result().padding.baseline;
  options.candidate_padding = view.result().padding.candidate;
  std::vector<Stretch> stretches = StretchSearch(view, points, options).Run();
  std::sort(stretches.begin(), stretches.end(),
            [](const Stretch& a, const Stretch& b) { return a.margin > b.margin; });
  std::vector<int64_t> lengths;
  for (size_t i = 0; i < std::min(stretches.size(), kMostPredicted); ++i) {
    lengths.push_back(stretches[i].clearest);
  }
  return lengths;
}

}  // namespace cusp::analysis
