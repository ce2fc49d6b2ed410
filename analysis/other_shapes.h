// Where costs of other shapes than the fitted curves', which the same ratios allow, cross.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "analysis/ratio_fit.h"

namespace cusp::analysis {

// log(candidate / baseline) as a polynomial of the logarithm of the length.
class RatioPolynomial {
 public:
  // By least squares with weights 1 / errors², reweighted by Huber's rule. `points` ascend in
  // length, beside `errors`, and are more than `degree`.
  RatioPolynomial(std::span<const RatioPoint> points, const std::vector<double>& errors,
                  size_t degree);

  double At(double length) const;
  // Whether the points pass the lack-of-fit test at 5 %.
  bool Fits() const { return fits_; }

 private:
  double Place(double length) const;  // -1 at the first point, 1 at the last

  double center_ = 0;
  double reach_ = 1;
  std::vector<double> coefficients_;  // of ascending powers
  bool fits_ = false;
};

// Of the polynomials of degree 2 to 6 that fit, those with opposite signs at `low` and `high`: a
// length in between where the order changes. Candidate shapes are kept as long as the data allow
// them, as in discrete profiling (Dauncey, Kenzie, Wardle and Davies, JINST 10 (2015) P04015).
std::vector<double> CrossingsOfOtherShapes(std::span<const RatioPoint> points,
                                           const std::vector<double>& errors, double low,
                                           double high);

}  // namespace cusp::analysis
