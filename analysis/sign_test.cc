#include "analysis/sign_test.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "analysis/statistics.h"

namespace cusp::analysis {
namespace {

// Timers are no finer than this, so a run of identical ratios proves nothing
// about differences below it.
constexpr double kScaleFloor = 1e-4;
constexpr double kClipWidth = 4.0;
constexpr double kNoClipping = std::numeric_limits<double>::infinity();
constexpr size_t kFewestClipped = 8;
// Some lengths are noisier than the rest; and their number bounds how well the
// common scale is known.
constexpr double kPooledSafety = 1.5;
constexpr double kMostPooledDof = 16;
constexpr double kEarlyEffect = 0.15;
constexpr double kEarlyScales = 20.0;
constexpr double kEqualAlpha = 0.05;
constexpr std::array<double, 2> kEffectVariances = {4.0, 200.0};

Sign SignOf(double value) { return value < 0 ? Sign::kCheaper : Sign::kDearer; }

bool HugeEffect(const std::vector<double>& values, double median, const SignOptions& options) {
  if (static_cast<int>(values.size()) < options.early_blocks || std::fabs(median) < kEarlyEffect) {
    return false;
  }
  for (double value : values) {
    if (value * median <= 0) {
      return false;
    }
  }
  const double scale = std::max({RobustScale(values, median), options.pooled_scale, kScaleFloor});
  return std::fabs(median) > kEarlyScales * scale;
}

// Logarithm of the mean of what these are the logarithms of.
template <size_t kCount>
double LogMean(const std::array<double, kCount>& logs) {
  const double best = *std::max_element(logs.begin(), logs.end());
  double sum = 0;
  for (const double log : logs) {
    sum += std::exp(log - best);
  }
  return best + std::log(sum / static_cast<double>(kCount));
}

// Few values have no tails to clip: what looks like one may be half of them.
ClippedMoments MomentsOf(const std::vector<double>& values) {
  return Clipped(values, values.size() < kFewestClipped ? kNoClipping : kClipWidth);
}

// Evidence of a sign, from the values' own scale and from that of all lengths.
double SignEvidence(double n, const ClippedMoments& moments, const SignOptions& options) {
  const double own = std::max(moments.deviation, kScaleFloor);
  const double root = std::sqrt(n);
  const double alone = LogEvidence(n, moments.mean / own * root);
  if (options.pooled_dof <= 0) {
    return alone;
  }
  const double scale = std::max(own, kPooledSafety * options.pooled_scale);
  const double dof = n - 1 + std::min(options.pooled_dof, kMostPooledDof);
  return LogMean(std::array{alone, LogEvidence(n, moments.mean / scale * root, dof)});
}

}  // namespace

double LogEvidence(double n, double t) { return LogEvidence(n, t, n - 1); }

double LogEvidence(double n, double t, double dof) {
  std::array<double, kEffectVariances.size()> logs{};
  for (size_t i = 0; i < kEffectVariances.size(); ++i) {
    const double spread = 1 + n * kEffectVariances[i];
    logs[i] = -0.5 * std::log(spread) +
              0.5 * (dof + 1) * (std::log1p(t * t / dof) - std::log1p(t * t / (dof * spread)));
  }
  return LogMean(logs);
}

double CriticalT(double n, double alpha) {
  const double wanted = -std::log(alpha);
  double low = 1e-3;
  double high = 1e6;
  if (n < 2 || LogEvidence(n, high) < wanted) {
    return std::numeric_limits<double>::infinity();
  }
  for (int i = 0; i < 40; ++i) {
    const double middle = std::sqrt(low * high);
    (LogEvidence(n, middle) < wanted ? low : high) = middle;
  }
  return high;
}

Sign DecideSign(const std::vector<double>& log_ratios, const SignOptions& options) {
  if (log_ratios.empty()) {
    return Sign::kUnclear;
  }
  const double median = Median(log_ratios);
  if (std::isinf(median)) {
    return SignOf(median);
  }
  if (HugeEffect(log_ratios, median, options)) {
    return SignOf(median);
  }
  const auto n = static_cast<double>(log_ratios.size());
  if (static_cast<int>(log_ratios.size()) < std::max(options.min_blocks, 2)) {
    return Sign::kUnclear;
  }
  // A rare exhaustion among many values that fitted is clipped like any outlier.
  const ClippedMoments moments = MomentsOf(log_ratios);
  const double error = std::max(moments.deviation, kScaleFloor) / std::sqrt(n);
  if (std::fabs(moments.mean) < options.equal_within &&
      std::fabs(moments.mean) + CriticalT(n, kEqualAlpha) * error <= options.equal_within) {
    return Sign::kEqual;
  }
  if (SignEvidence(n, moments, options) >= -std::log(options.alpha)) {
    return SignOf(moments.mean);
  }
  return Sign::kUnclear;
}

}  // namespace cusp::analysis
