#include "analysis/hidden_stretch.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>

namespace cusp::analysis {
namespace {

constexpr double kReach = 1.5;  // times a crossing's end

bool IsSure(const LengthSummary& summary) {
  return summary.sign == Sign::kCheaper || summary.sign == Sign::kDearer;
}

// Log-ratio of the curves that is largest in size inside. They jump, so a few places are
// looked at, both ends among them.
double LargestLogRatio(const CostCurve& baseline, const CostCurve& candidate, double low,
                       double high) {
  constexpr int kPlaces = 16;
  double largest = 0;
  for (int i = 0; i <= kPlaces; ++i) {
    const double inside = low + (high - low) * (1e-6 + i * (1 - 2e-6) / kPlaces);
    const double ratio = std::log(candidate(inside) / baseline(inside));
    largest = std::fabs(ratio) > std::fabs(largest) ? ratio : largest;
  }
  return largest;
}

// The sure lengths on both sides of a stretch, as indices; nothing where one lies inside
// or is missing. At `low` a curve jumps just behind, so that a length there is outside; at
// `high` it is the last one inside.
struct Neighbours {
  size_t before = 0;
  size_t after = 0;
};

std::optional<Neighbours> AroundHidden(const std::vector<LengthSummary>& summaries, double low,
                                       double high) {
  std::optional<size_t> before;
  for (size_t i = 0; i < summaries.size(); ++i) {
    if (!IsSure(summaries[i])) {
      continue;
    }
    const auto length = static_cast<double>(summaries[i].length);
    if (length <= low) {
      before = i;
    } else if (length <= high) {
      return std::nullopt;
    } else {
      return before ? std::optional(Neighbours{*before, i}) : std::nullopt;
    }
  }
  return std::nullopt;
}

// Of the measured lengths.
int64_t CommonDivisor(const std::vector<LengthSummary>& summaries) {
  int64_t divisor = 0;
  for (const LengthSummary& summary : summaries) {
    divisor = std::gcd(divisor, summary.length);
  }
  return divisor;
}

// In (low, high].
bool HoldsMultiple(double low, double high, int64_t of) {
  const auto step = static_cast<double>(of);
  return std::floor(high / step) * step > low;
}

}  // namespace

std::vector<HiddenStretch> FindHidden(const std::vector<Crossing>& crossings,
                                      const std::vector<Bracket>& brackets,
                                      const std::vector<LengthSummary>& summaries,
                                      const CostCurve& baseline, const CostCurve& candidate,
                                      double equal_within) {
  std::vector<HiddenStretch> hidden;
  if (crossings.empty()) {
    return hidden;
  }
  const int64_t lattice = CommonDivisor(summaries);
  const std::vector<double> changes =
      SignChanges(baseline, candidate, static_cast<double>(summaries.front().length),
                  static_cast<double>(summaries.back().length));
  for (size_t i = 0; i + 1 < changes.size(); ++i) {
    HiddenStretch stretch;
    stretch.low = changes[i];
    stretch.high = changes[i + 1];
    const double inside = LargestLogRatio(baseline, candidate, stretch.low, stretch.high);
    const std::optional<Neighbours> around = AroundHidden(summaries, stretch.low, stretch.high);
    if (!around || std::fabs(inside) <= equal_within ||
        !HoldsMultiple(stretch.low, stretch.high, lattice)) {
      continue;
    }
    const LengthSummary& before = summaries[around->before];
    const LengthSummary& after = summaries[around->after];
    // The order inside must be another than on both sides, and curves know only finite costs.
    const Sign other = inside < 0 ? Sign::kDearer : Sign::kCheaper;
    if (before.sign != other || after.sign != other || std::isinf(before.log_ratio) ||
        std::isinf(after.log_ratio)) {
      continue;
    }
    stretch.sure_before = static_cast<double>(before.length);
    stretch.sure_after = static_cast<double>(after.length);
    for (size_t c = 0; c < crossings.size(); ++c) {
      const bool last = c + 1 == crossings.size() || brackets[c + 1].before >= around->after;
      const bool first = c == 0 || brackets[c - 1].after <= around->before;
      stretch.crossing = c;
      stretch.behind =
          brackets[c].after <= around->before && last && stretch.low <= kReach * crossings[c].high;
      if (stretch.behind || (brackets[c].before >= around->after && first &&
                             stretch.high >= crossings[c].low / kReach)) {
        hidden.push_back(stretch);
        break;
      }
    }
  }
  return hidden;
}

}  // namespace cusp::analysis
