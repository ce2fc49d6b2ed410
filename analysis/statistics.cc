#include "analysis/statistics.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "common/check.h"

namespace cusp::analysis {
namespace {

constexpr size_t kSortedWhole = 16;

// Odd-even transposition: for a handful of values in random order several times
// faster than a selection, as no branch depends on them.
void SortFew(std::span<double> values) {
  const size_t count = values.size();
  for (size_t phase = 0; phase < count; ++phase) {
    for (size_t i = phase % 2; i + 1 < count; i += 2) {
      const double a = values[i];
      const double b = values[i + 1];
      const double lower = a < b ? a : b;
      values[i] = lower;
      // The other one, without a second choice, which would become a branch.
      values[i + 1] = std::bit_cast<double>(
          std::bit_cast<uint64_t>(a) ^ std::bit_cast<uint64_t>(b) ^ std::bit_cast<uint64_t>(lower));
    }
  }
}

}  // namespace

double Median(std::vector<double> values) { return MedianInPlace(values); }

double MedianInPlace(std::span<double> values) {
  CUSP_CHECK(!values.empty());
  const size_t half = values.size() / 2;
  double below = 0;
  if (values.size() <= kSortedWhole) {
    SortFew(values);
    below = half > 0 ? values[half - 1] : values[0];
  } else {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(half);
    std::nth_element(values.begin(), middle, values.end());
    below = values.size() % 2 == 1 ? *middle : *std::max_element(values.begin(), middle);
  }
  if (values.size() % 2 == 1) {
    return values[half];
  }
  // Two infinities of one sign must not meet in a subtraction.
  return below == values[half] ? below : below / 2 + values[half] / 2;
}

double Quantile(const std::vector<double>& sorted, double p) {
  CUSP_CHECK(!sorted.empty());
  const double position = p * static_cast<double>(sorted.size() - 1);
  const auto index = static_cast<size_t>(position);
  if (index + 1 >= sorted.size()) {
    return sorted.back();
  }
  const double part = position - static_cast<double>(index);
  return sorted[index] + part * (sorted[index + 1] - sorted[index]);
}

double RobustScale(const std::vector<double>& values, double center) {
  std::vector<double> deviations;
  deviations.reserve(values.size());
  for (double value : values) {
    deviations.push_back(std::fabs(value - center));
  }
  return kRobustScale * Median(std::move(deviations));
}

ClippedMoments Clipped(const std::vector<double>& values, double width) {
  const double center = Median(values);
  // Without clipping even where half of the values are equal.
  const double reach = std::isinf(width) ? width : width * RobustScale(values, center);
  ClippedMoments moments;
  const auto count = static_cast<double>(values.size());
  for (double value : values) {
    moments.mean += std::clamp(value, center - reach, center + reach) / count;
  }
  if (values.size() < 2) {
    return moments;
  }
  double squares = 0;
  for (double value : values) {
    const double off = std::clamp(value, center - reach, center + reach) - moments.mean;
    squares += off * off;
  }
  moments.deviation = std::sqrt(squares / (count - 1));
  return moments;
}

double ChiSquareQuantile(double dof, double z) {
  const double a = 2.0 / (9.0 * dof);
  const double root = 1 - a + z * std::sqrt(a);
  return dof * root * root * root;
}

double StudentT95(double dof) {
  // Cornish-Fisher expansion around the normal quantile (Abramowitz and Stegun
  // 26.7.5).
  constexpr double kZ = 1.959964;
  constexpr double kZ3 = kZ * kZ * kZ;
  constexpr double kZ5 = kZ3 * kZ * kZ;
  constexpr double kZ7 = kZ5 * kZ * kZ;
  const double d = std::max(dof, 2.0);
  return kZ + (kZ3 + kZ) / (4 * d) + (5 * kZ5 + 16 * kZ3 + 3 * kZ) / (96 * d * d) +
         (3 * kZ7 + 19 * kZ5 + 17 * kZ3 - 15 * kZ) / (384 * d * d * d);
}

}  // namespace cusp::analysis
