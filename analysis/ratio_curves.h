// Two cost curves fitted to the ratios inside blocks.
#pragma once

#include <optional>
#include <vector>

#include "analysis/cost_fit.h"
#include "analysis/ratio_fit.h"

namespace cusp::analysis {

// Residuals around each length's own median, in units of that length's scale.
struct Residuals {
  std::vector<double> pool;
  std::vector<double> scales;
};

// A fitted pair of curves with what the bootstrap needs.
struct RatioCurves {
  CostCurve baseline;
  CostCurve candidate;
  Residuals residuals;
  std::vector<double> errors;  // standard error of each point's median
  double inflation = 1;        // of errors, for lack of fit within its limit
};

// Rounds in which each curve is refitted to the other one's and the ratios.
inline constexpr int kAlternations = 6;

// Nothing where the lack-of-fit test at 5 % fails, or where there are no more
// points than coefficients. `points` ascend in length.
std::optional<RatioCurves> FitCurves(const std::vector<RatioPoint>& points,
                                     const RatioFitOptions& options);

}  // namespace cusp::analysis
