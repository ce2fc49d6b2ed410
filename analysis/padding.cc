#include "analysis/padding.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cusp::analysis {
namespace {

// A length that rounding left a hair beside a multiple belongs to it.
constexpr double kHair = 1e-9;

}  // namespace

double PaddedLength(double length, const Padding& padding) {
  if (padding.IsSmooth()) {
    return length;
  }
  const auto quantum = static_cast<double>(padding.quantum);
  const double beyond = length - static_cast<double>(padding.slack);
  return std::max(0.0, std::ceil(beyond / quantum - kHair) * quantum);
}

double NextStep(double length, const Padding& padding) {
  if (padding.IsSmooth()) {
    return std::numeric_limits<double>::infinity();
  }
  const auto quantum = static_cast<double>(padding.quantum);
  const auto slack = static_cast<double>(padding.slack);
  return (std::floor((length - slack) / quantum + kHair) + 1) * quantum + slack;
}

}  // namespace cusp::analysis
