// How far the crossing of two fitted curves might have come out elsewhere.
#pragma once

#include <optional>
#include <span>

#include "analysis/ratio_curves.h"
#include "analysis/ratio_fit.h"

namespace cusp::analysis {

// The last change of order of the curves in (low, high), and the 95 % interval of all
// of them, from options.resamples draws of the residuals within lengths. Nothing where
// their number is even, so that the order is the same at both ends, or too many of the
// draws do not change it at all. `points` are those that the curves were fitted to.
std::optional<RatioFit> BootstrapCrossing(const RatioCurves& fitted,
                                          std::span<const RatioPoint> points, double low,
                                          double high, const RatioFitOptions& options);

}  // namespace cusp::analysis
