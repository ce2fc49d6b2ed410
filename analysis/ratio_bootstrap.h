// How far the crossing of two fitted curves might have come out elsewhere.
#pragma once

#include <optional>
#include <span>

#include "analysis/ratio_curves.h"
#include "analysis/ratio_fit.h"

namespace cusp::analysis {

// The curves' crossing in (low, high) with its 95 % interval, from
// options.resamples draws of the residuals within lengths. Nothing where the
// curves do not cross exactly once there, or too many of the draws do not cross
// at all. `points` are those that the curves were fitted to.
std::optional<RatioFit> BootstrapCrossing(const RatioCurves& fitted,
                                          std::span<const RatioPoint> points, double low,
                                          double high, const RatioFitOptions& options);

}  // namespace cusp::analysis
