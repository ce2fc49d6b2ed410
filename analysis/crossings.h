// From decided signs along the lengths to crossings with brackets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analysis/comparison.h"
#include "analysis/sign_test.h"

namespace cusp::analysis {

// One compared length, reduced.
struct LengthSummary {
  int64_t length = 0;
  Sign sign = Sign::kUnclear;
  double log_ratio = 0;  // median of log(candidate / baseline); may be infinite
};

// A change of sign between two decided neighbours, as indices into summaries.
struct Bracket {
  size_t before = 0;
  size_t after = 0;
  Direction direction = Direction::kCheaper;
};

// Every change between decided neighbours, ascending. Undecided and equal
// lengths between them widen the bracket.
std::vector<Bracket> FindBrackets(const std::vector<LengthSummary>& summaries);

// The equal lengths strictly between `low` and `high`; a view into `result`.
std::span<const int64_t> EqualInside(const ComparisonResult& result, int64_t low, int64_t high);

// The crossing's length inside a bracket, interpolated in log-log between the
// neighbours where the median ratio changes its sign. A length of exactly equal
// costs is the crossing itself. Where one side ran out of memory there is
// nothing to interpolate, and the first length beyond is the answer.
double InterpolateCrossing(const std::vector<LengthSummary>& summaries, const Bracket& bracket);

}  // namespace cusp::analysis
