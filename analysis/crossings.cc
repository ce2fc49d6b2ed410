#include "analysis/crossings.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace cusp::analysis {

std::vector<Bracket> FindBrackets(const std::vector<LengthSummary>& summaries) {
  std::vector<Bracket> brackets;
  std::optional<size_t> last;
  for (size_t i = 0; i < summaries.size(); ++i) {
    const Sign sign = summaries[i].sign;
    if (sign != Sign::kCheaper && sign != Sign::kDearer) {
      continue;
    }
    if (last && summaries[*last].sign != sign) {
      brackets.push_back(
          {*last, i, sign == Sign::kCheaper ? Direction::kCheaper : Direction::kDearer});
    }
    last = i;
  }
  return brackets;
}

std::span<const int64_t> EqualInside(const ComparisonResult& result, int64_t low, int64_t high) {
  const std::vector<int64_t>& equal = result.equal_lengths;
  const auto begin = std::upper_bound(equal.begin(), equal.end(), low);
  return {begin, std::lower_bound(begin, equal.end(), high)};
}

double InterpolateCrossing(const std::vector<LengthSummary>& summaries, const Bracket& bracket) {
  // Median ratios near a shallow crossing may change their sign more than once:
  // the middle change is taken.
  std::vector<double> changes;
  for (size_t i = bracket.before + 1; i <= bracket.after; ++i) {
    const LengthSummary& left = summaries[i - 1];
    const LengthSummary& right = summaries[i];
    if (right.log_ratio == 0) {
      changes.push_back(static_cast<double>(right.length));
      continue;
    }
    if (left.log_ratio == 0 || (left.log_ratio > 0) == (right.log_ratio > 0)) {
      continue;
    }
    if (!std::isfinite(left.log_ratio) || !std::isfinite(right.log_ratio)) {
      changes.push_back(static_cast<double>(right.length));
      continue;
    }
    const double part = left.log_ratio / (left.log_ratio - right.log_ratio);
    const double log_left = std::log(static_cast<double>(left.length));
    const double log_right = std::log(static_cast<double>(right.length));
    changes.push_back(std::exp(log_left + part * (log_right - log_left)));
  }
  if (changes.empty()) {
    return std::sqrt(static_cast<double>(summaries[bracket.before].length) *
                     static_cast<double>(summaries[bracket.after].length));
  }
  const size_t middle = changes.size() / 2;
  return changes.size() % 2 == 1 ? changes[middle]
                                 : std::sqrt(changes[middle - 1] * changes[middle]);
}

}  // namespace cusp::analysis
