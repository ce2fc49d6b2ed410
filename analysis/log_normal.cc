#include "analysis/log_normal.h"

#include <cmath>
#include <numbers>

namespace cusp::analysis {

double NormalShareBelow(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double NormalQuantile(double share) {
  // Nothing here is in an inner loop, and halving needs no table of coefficients.
  double low = -40;
  double high = 40;
  for (int i = 0; i < 64; ++i) {
    const double middle = 0.5 * (low + high);
    (NormalShareBelow(middle) < share ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

double LogNormal::Mean() const { return std::exp(mu + 0.5 * sigma * sigma); }

double LogNormal::Quantile(double share) const {
  return std::exp(mu + sigma * NormalQuantile(share));
}

double LogNormal::ShareBelow(double value) const {
  return value > 0 ? NormalShareBelow((std::log(value) - mu) / sigma) : 0;
}

std::optional<LogNormal> LogNormalThroughMean(double mean, double share, double value) {
  const double z = NormalQuantile(share);
  const double distance = std::log(value / mean);
  const double discriminant = z * z - 2 * distance;
  if (!(distance > 0 && discriminant >= 0)) {
    return std::nullopt;
  }
  const double sigma = z - std::sqrt(discriminant);
  return LogNormal{.mu = std::log(mean) - 0.5 * sigma * sigma, .sigma = sigma};
}

std::optional<LogNormal> LogNormalThroughMedian(double median, double share, double value) {
  const double distance = std::log(value / median);
  if (!(distance > 0)) {
    return std::nullopt;
  }
  return LogNormal{.mu = std::log(median), .sigma = distance / NormalQuantile(share)};
}

}  // namespace cusp::analysis
