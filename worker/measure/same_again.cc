#include "worker/measure/same_again.h"

#include <cmath>

#include "analysis/planner.h"
#include "analysis/sign_test.h"
#include "analysis/statistics.h"
#include "worker/measure/median.h"

namespace cusp::measure {
namespace {

constexpr double kAlpha = 0.001;
// As the sign test clips tails.
constexpr double kClipWidth = 4;

}  // namespace

SameAgain JudgeSameAgain(const std::vector<double>& ratios) {
  std::vector<double> logs;
  logs.reserve(ratios.size());
  for (const double ratio : ratios) {
    logs.push_back(std::log(ratio));
  }
  analysis::SignOptions options;
  options.alpha = kAlpha;
  // Three disturbed blocks in a row are no proof.
  options.early_blocks = options.min_blocks;
  const analysis::Sign sign = analysis::DecideSign(logs, options);
  const MedianInterval median = MedianOf(ratios);
  return {.ratio = median.median,
          .low = median.low,
          .high = median.high,
          .noise = analysis::Clipped(logs, kClipWidth).deviation,
          .differs = sign == analysis::Sign::kCheaper || sign == analysis::Sign::kDearer};
}

std::optional<int> BlocksToTell(double effect, double noise) {
  const analysis::PlanOptions sweep;
  for (int n = sweep.min_blocks; n <= sweep.max_blocks; ++n) {
    if (analysis::CriticalT(n, kAlpha) * noise / std::sqrt(n) <= std::log1p(effect)) {
      return n;
    }
  }
  return std::nullopt;
}

}  // namespace cusp::measure
