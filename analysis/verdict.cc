#include "analysis/verdict.h"

#include <algorithm>

namespace cusp::analysis {

void Conclude(const std::vector<LengthSummary>& summaries, bool may_touch,
              ComparisonResult& result) {
  result.verdict = Verdict::kUndecided;
  if (summaries.empty()) {
    return;
  }
  const Sign front = summaries.front().sign;
  const Sign back = summaries.back().sign;
  const auto count = [&](Sign sign) {
    return std::count_if(summaries.begin(), summaries.end(),
                         [sign](const LengthSummary& s) { return s.sign == sign; });
  };
  if (!result.crossings.empty()) {
    result.verdict = Verdict::kCrosses;
    for (const Crossing& crossing : result.crossings) {
      if (crossing.direction == Direction::kCheaper) {
        result.first = crossing;
        break;
      }
    }
    // Claiming "to the end of the range" takes a sure end.
    if (back == Sign::kCheaper) {
      result.persistent = result.crossings.back();
    }
    return;
  }
  const auto ends_are = [&](Sign wanted, bool or_equal) {
    const auto fits = [&](Sign sign) {
      return sign == wanted || (or_equal && sign == Sign::kEqual);
    };
    return fits(front) && fits(back);
  };
  if (count(Sign::kCheaper) > 0) {
    result.verdict = ends_are(Sign::kCheaper, may_touch) ? Verdict::kAlways : Verdict::kUndecided;
  } else {
    result.verdict = ends_are(Sign::kDearer, true) ? Verdict::kNever : Verdict::kUndecided;
  }
}

}  // namespace cusp::analysis
