#include "analysis/term_fit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "analysis/cost_fit.h"
#include "analysis/statistics.h"

namespace cusp::analysis {
namespace {

constexpr int kRounds = 4;  // of reweighting
constexpr double kHuber = 1.345;
// Where most costs are fitted exactly, all would lose their weight.
constexpr double kSmallestLimit = 1e-3;

std::array<double, 3> FitWeighted(const std::vector<TermPoint>& points,
                                  const std::vector<double>& weights) {
  std::array<std::array<double, 3>, 3> a{};
  std::array<double, 3> b{};
  for (size_t k = 0; k < points.size(); ++k) {
    for (size_t i = 0; i < 3; ++i) {
      const double share = weights[k] * points[k].terms[i] / points[k].cost;
      b[i] += share;
      for (size_t j = 0; j < 3; ++j) {
        a[i][j] += share * points[k].terms[j] / points[k].cost;
      }
    }
  }
  return SolveNonNegative(a, b);
}

}  // namespace

std::array<double, 3> FitFactors(const std::vector<TermPoint>& points) {
  std::vector<double> weights(points.size(), 1);
  std::array<double, 3> factors = FitWeighted(points, weights);
  for (int round = 0; round < kRounds && !points.empty(); ++round) {
    std::vector<double> errors;
    for (const TermPoint& point : points) {
      double fitted = 0;
      for (size_t i = 0; i < 3; ++i) {
        fitted += factors[i] * point.terms[i];
      }
      errors.push_back(std::fabs(fitted / point.cost - 1));
    }
    const double limit = std::max(kHuber * kRobustScale * Median(errors), kSmallestLimit);
    for (size_t k = 0; k < points.size(); ++k) {
      weights[k] = errors[k] > limit ? limit / errors[k] : 1;
    }
    factors = FitWeighted(points, weights);
  }
  return factors;
}

}  // namespace cusp::analysis
