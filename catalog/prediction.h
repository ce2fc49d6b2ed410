// How long a step is expected to take, from its analytic cost and from what the
// device does at most:
//
//   seconds = k_p flops / F + k_t bytes / B + k_l launches L
//
// Each term is the time at a measured ceiling, each k how many times as long it
// takes. The terms are summed: the roofline's maximum (Williams, Waterman and
// Patterson 2009) holds where a kernel hides one behind the other, but a step is a
// sequence of kernels with different limits, and a sum can be fitted.
#pragma once

#include <array>

#include "catalog/cost.h"

namespace cusp::catalog {

// Of one number type and number of threads; all of them positive.
struct Ceilings {
  double flops_per_second = 0;
  double bytes_per_second = 0;  // read and written together
  double launch_seconds = 0;    // of one small operator
};

// For products, memory traffic and launches, in this order.
using CostTerms = std::array<double, 3>;

// Operators for each matrix product of a model: norms, activations, reshaping
// copies and sums are not counted by formula. Of BERT's 8 products a layer, 20.
inline constexpr double kOperatorsPerProduct = 2.5;

// The factors k where none have been fitted; docs/method.md says on what they rest.
inline constexpr CostTerms kUsualFactors = {1.25, 2.0, 1.5};

// Seconds at the ceilings.
CostTerms TermsOf(const ComponentCost& cost, const Ceilings& ceilings);

// The sum of terms times factors.
double ExpectedSeconds(const CostTerms& terms, const CostTerms& factors);

}  // namespace cusp::catalog
