#include "analysis/near_crossing.h"

#include <algorithm>
#include <cmath>

#include "analysis/crossings.h"
#include "analysis/exact_search.h"
#include "analysis/lattice.h"

namespace cusp::analysis {
namespace {

constexpr double kTested = 4.0;  // precisions from a crossing that count as close to it
constexpr double kAside = 0.8;   // of precision: how far beside a crossing to measure

// A narrow interval from a fit is believed only when the fit has been tested
// close to the crossing, on this side: curves drawn between far lengths agree
// with them whatever lies between.
bool SeenNear(const ComparisonView& view, size_t index, int side) {
  const RefineOptions& options = view.options();
  const double crossing = view.result().located[index].length;
  const auto [low, high] = view.result().brackets[index];
  const double reach = crossing * std::exp(side * kTested * options.precision);
  const double from = side < 0 ? reach : crossing;
  const double to = side < 0 ? crossing : reach;
  for (const auto& [length, at] : view.by_length()) {
    const auto n = static_cast<double>(length);
    if (n >= from && n <= to && view.Blocks(length) >= options.compare.early_blocks) {
      return true;
    }
  }
  // Where no such length exists, there is nothing to test.
  return NearestFree(reach, std::max(low, static_cast<int64_t>(from)),
                     std::min(high, static_cast<int64_t>(std::ceil(to))), options.step,
                     view.barred()) == 0;
}

// Not so near to the crossing that the sign would take for ever, nor so far
// that it would say nothing of the interval.
bool UsefulBeside(double length, double crossing, double precision) {
  const double distance = std::fabs(std::log(length / crossing));
  const double aside = kAside * precision;
  return distance > 0.6 * aside && distance < 2 * aside;
}

// 0 where there is none.
int64_t Beside(const ComparisonView& view, size_t index, int side) {
  const double x = view.result().located[index].length;
  const double precision = view.options().precision;
  auto [low, high] = view.result().brackets[index];
  const std::vector<int64_t> spent = view.Spent(low, high);
  double target = x * std::exp(side * kAside * precision);
  (side < 0 ? high : low) = static_cast<int64_t>(side < 0 ? std::ceil(x) : std::floor(x));
  // A length already begun is finished first: estimates wander, blocks don't.
  int64_t open = 0;
  const auto& by_length = view.by_length();
  for (auto it = by_length.upper_bound(low); it != by_length.end() && it->first < high; ++it) {
    const auto length = static_cast<double>(it->first);
    if (std::binary_search(spent.begin(), spent.end(), it->first)) {
      // Too flat here: halfway further out.
      const double end = static_cast<double>(side < 0 ? low : high);
      target = side < 0 ? std::min(target, std::sqrt(length * end))
                        : std::max(target, std::sqrt(length * end));
    } else if (UsefulBeside(length, x, precision) &&
               (open == 0 || std::fabs(std::log(length / target)) <
                                 std::fabs(std::log(static_cast<double>(open) / target)))) {
      open = it->first;
    }
  }
  return open != 0 ? open : NearestFree(target, low, high, view.options().step, spent);
}

}  // namespace

bool IsPrecise(const ComparisonView& view, size_t index) {
  const ComparisonResult& result = view.result();
  const RefineOptions& options = view.options();
  const Crossing& crossing = result.located[index];
  const auto [low, high] = result.brackets[index];
  if (NearestFree(crossing.length, low, high, options.step, view.barred()) == 0) {
    return true;
  }
  if (options.compare.exact) {
    // An exactly equal length inside is the crossing itself; where costs are equal within a
    // resolution, both ends of that stretch are looked for.
    return !EqualInside(result, low, high).empty() &&
           (options.compare.resolution == 0 || ExactProbes(view, index).empty());
  }
  if (crossing.high - crossing.low > 2 * options.precision * crossing.length) {
    return false;
  }
  const bool decided_ends =
      crossing.low <= static_cast<double>(low) && crossing.high >= static_cast<double>(high);
  return decided_ends || (SeenNear(view, index, -1) && SeenNear(view, index, 1));
}

std::vector<int64_t> LengthsBeside(const ComparisonView& view, size_t index) {
  const auto [low, high] = view.result().brackets[index];
  std::vector<int64_t> lengths;
  if (FiniteLogRatios(*view.At(low)).empty() || FiniteLogRatios(*view.At(high)).empty()) {
    const double middle = std::sqrt(static_cast<double>(low) * static_cast<double>(high));
    lengths = {NearestFree(middle, low, high, view.options().step, view.Spent(low, high))};
  } else {
    lengths = {Beside(view, index, -1), Beside(view, index, 1)};
  }
  lengths.erase(std::remove(lengths.begin(), lengths.end(), 0), lengths.end());
  return lengths;
}

}  // namespace cusp::analysis
