// Where costs of other shapes than the fitted curves', which the same ratios allow, cross.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "analysis/ratio_curves.h"

namespace cusp::analysis {

// A polynomial of the logarithm of the length.
class LogPolynomial {
 public:
  // By least squares with weights 1 / errors², reweighted by Huber's rule. `values` and `errors`
  // stand beside `points`, of which only lengths count; these ascend and are more than `degree`.
  LogPolynomial(std::span<const RatioPoint> points, const std::vector<double>& values,
                const std::vector<double>& errors, size_t degree);

  double At(double length) const;
  // Whether the values pass the lack-of-fit test at 5 %. Never where lengths lie so that
  // rounding would decide.
  bool Fits() const { return fits_; }

 private:
  double Place(double length) const;  // -1 at the first point, 1 at the last

  double center_ = 0;
  double reach_ = 1;
  std::vector<double> coefficients_;  // of ascending powers
  bool fits_ = false;
};

// First and last change of order between two lengths; the same one where costs are smooth.
struct Changes {
  double first = 0;
  double last = 0;
};

// For log(candidate / baseline) as a polynomial of degree 2 to 6 and the steps of padding as
// `curves` have them: for each that fits `points` and has opposite signs at `low` and `high`, its
// changes between them. `curves` were fitted to `points`. Shapes are kept as long as the data
// allow them, as in discrete profiling (Dauncey, Kenzie, Wardle and Davies, JINST 10 (2015)
// P04015). Nothing where there are more than kMostSteps between `low` and `high`.
std::vector<Changes> ChangesOfOtherShapes(std::span<const RatioPoint> points,
                                          const RatioCurves& curves, double low, double high);

}  // namespace cusp::analysis
