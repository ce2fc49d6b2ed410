// How many times as long as expected the terms of a cost take.
#pragma once

#include <array>
#include <vector>

namespace cusp::analysis {

struct TermPoint {
  std::array<double, 3> terms{};  // none of them negative
  double cost = 0;                // measured; positive, finite
};

// Factors f >= 0 that minimise the squares of (f · terms) / cost - 1 over all points,
// by non-negative least squares, reweighted by Huber's rule so that a strayed point
// counts less. All zero without points.
std::array<double, 3> FitFactors(const std::vector<TermPoint>& points);

}  // namespace cusp::analysis
