// Smooth cost curves: cost = a + b n + c n², none of them negative, where n is
// the length after padding.
#pragma once

#include <array>
#include <vector>

#include "analysis/padding.h"

namespace cusp::analysis {

struct CostCurve {
  std::array<double, 3> coefficients{};  // a, b, c; all >= 0
  Padding padding;                       // of lengths

  // Cost at a length. Where it is padded it jumps just above each step.
  double operator()(double length) const;
  // The same at a length that is padded already.
  double AtPadded(double p) const {
    return coefficients[0] + p * (coefficients[1] + p * coefficients[2]);
  }
};

struct CurvePoint {
  double length = 0;
  double cost = 0;    // positive, finite
  double weight = 1;  // of its squared relative error
};

// Coefficients that minimise the weighted squares of relative errors
// cost_fit/cost - 1, reweighted by Huber's rule so that a strayed point counts
// less. All zero without points.
CostCurve FitCost(const std::vector<CurvePoint>& points, const Padding& padding);

// Minimises x' A x - 2 b' x over x >= 0, for a positive semi-definite A, by
// trying every set of positive unknowns: there are only seven.
std::array<double, 3> SolveNonNegative(const std::array<std::array<double, 3>, 3>& a,
                                       const std::array<double, 3>& b);

// The same for one A and many b: what depends on A alone is done once.
class NormalEquations {
 public:
  NormalEquations() = default;
  explicit NormalEquations(const std::array<std::array<double, 3>, 3>& a);

  std::array<double, 3> Solve(const std::array<double, 3>& b) const;

 private:
  std::array<std::array<double, 3>, 3> a_{};
  std::array<std::array<double, 3>, 3> upper_{};    // after elimination
  std::array<std::array<double, 3>, 3> factors_{};  // of the rows above
  bool regular_ = false;
};

// (1, p, p²) of the padded length p in units of `scale`, which keeps the normal
// equations well conditioned.
std::array<double, 3> CurveTerms(double length, const Padding& padding, double scale);

// Lengths in (low, high) where candidate - baseline changes its sign, ascending;
// at a padding step, the longest length before it. Nothing when there are more than
// `limit` steps to look at.
std::vector<double> SignChanges(const CostCurve& baseline, const CostCurve& candidate, double low,
                                double high, int limit = kMostSteps);

}  // namespace cusp::analysis
