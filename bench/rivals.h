// What one would do without a planner, on the same simulated device.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/statistics.h"
#include "bench/truths.h"

namespace cusp::analysis {

struct RivalAnswer {
  std::optional<Crossing> persistent;
  int64_t timings = 0;
};

// Median of log(candidate / baseline) over `blocks` blocks.
inline double MeasuredLogRatio(SimulatedDevice& device, int64_t length, int64_t blocks) {
  std::vector<double> ratios;
  for (int64_t i = 0; i < blocks; ++i) {
    const MeasuredBlock block = device.Measure({length, {0, 1}});
    const double baseline = block.costs[0].cost;
    const double candidate = block.costs[1].cost;
    const bool both = std::isinf(baseline) && std::isinf(candidate);
    ratios.push_back(both ? 0 : std::log(candidate / baseline));
  }
  return Median(std::move(ratios));
}

// Zero of the line through two log-ratios over log length.
inline double Interpolated(double left, double right, double left_ratio, double right_ratio) {
  if (std::isinf(left_ratio) || std::isinf(right_ratio)) {
    return right;
  }
  const double part = left_ratio / (left_ratio - right_ratio);
  return left * std::pow(right / left, part);
}

// A grid of half-doubling lengths with as many blocks each as the timings allow; the last
// change to cheaper, and its neighbours as the interval.
inline RivalAnswer PlainGrid(const Truth& truth, int64_t timings, uint64_t seed) {
  SimulatedDevice device({truth.baseline, truth.candidate}, truth.noise, seed);
  std::vector<int64_t> lengths;
  for (int i = 0; i <= 12; ++i) {
    const double length = static_cast<double>(kTruthMin) * std::pow(2.0, i / 2.0);
    lengths.push_back(std::llround(length / kTruthStep) * kTruthStep);
  }
  const int64_t blocks = std::max<int64_t>(1, timings / (2 * std::ssize(lengths)));
  RivalAnswer answer;
  double last = 0;
  for (size_t i = 0; i < lengths.size(); ++i) {
    const double ratio = MeasuredLogRatio(device, lengths[i], blocks);
    if (i > 0 && last > 0 && ratio < 0) {
      const auto low = static_cast<double>(lengths[i - 1]);
      const auto high = static_cast<double>(lengths[i]);
      answer.persistent = Crossing{Interpolated(low, high, last, ratio), low, high};
    } else if (ratio > 0) {
      answer.persistent.reset();
    }
    last = ratio;
  }
  answer.timings = device.timings();
  return answer;
}

// Halves the range by the sign of the median of eight blocks, until it is within 5 % or
// the timings are spent.
inline RivalAnswer Bisection(const Truth& truth, int64_t timings, uint64_t seed) {
  constexpr int64_t kBlocks = 8;
  SimulatedDevice device({truth.baseline, truth.candidate}, truth.noise, seed);
  int64_t low = kTruthMin;
  int64_t high = kTruthMax;
  double low_ratio = MeasuredLogRatio(device, low, kBlocks);
  double high_ratio = MeasuredLogRatio(device, high, kBlocks);
  RivalAnswer answer;
  if (!(low_ratio > 0 && high_ratio < 0)) {
    answer.timings = device.timings();
    return answer;
  }
  while (static_cast<double>(high - low) > 0.1 * static_cast<double>(low) &&
         high - low > kTruthStep && device.timings() + 2 * kBlocks <= timings) {
    const double middle = std::sqrt(static_cast<double>(low) * static_cast<double>(high));
    const int64_t length = std::clamp(std::llround(middle / kTruthStep) * kTruthStep,
                                      static_cast<long long>(low + kTruthStep),
                                      static_cast<long long>(high - kTruthStep));
    const double ratio = MeasuredLogRatio(device, length, kBlocks);
    (ratio > 0 ? low : high) = length;
    (ratio > 0 ? low_ratio : high_ratio) = ratio;
    if (low + kTruthStep >= high) {
      break;
    }
  }
  const auto left = static_cast<double>(low);
  const auto right = static_cast<double>(high);
  answer.persistent = Crossing{Interpolated(left, right, low_ratio, high_ratio), left, right};
  answer.timings = device.timings();
  return answer;
}

}  // namespace cusp::analysis
