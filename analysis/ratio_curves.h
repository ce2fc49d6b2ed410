// Two cost curves fitted to the ratios inside blocks.
#pragma once

#include <span>
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
  double chi_square = 0;       // of lack of fit
  double dof = 0;              // 0: no more points than coefficients
  double inflation = 1;        // of errors, for lack of fit within its limit

  // The lack-of-fit test at 5 %.
  bool Fits() const;
  // The same at 0.1 %: where a chance failure would leave out what curves alone can see.
  bool NearlyFits() const;
};

// Of the lengths with at least two finite pairs; ascending where `data` is.
std::vector<RatioPoint> RatioPoints(const std::vector<LengthData>& data);

// At most 64 of the points, one from each of 64 equal parts: more add time, not knowledge. The
// place within a part differs from part to part.
std::vector<RatioPoint> Thinned(const std::vector<RatioPoint>& points);

// What chi_square may be at most, to fit.
double ChiSquareLimit(double dof);

// Rounds in which each curve is refitted to the other one's and the ratios.
inline constexpr int kAlternations = 6;

// `points` ascend in length; at least one.
RatioCurves FitCurves(std::span<const RatioPoint> points, const RatioFitOptions& options);

}  // namespace cusp::analysis
