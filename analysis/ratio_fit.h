// The tipping point's estimate where both costs are smooth: a fit of
// log(f_candidate / f_baseline) to the ratios inside blocks.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/comparison.h"

namespace cusp::analysis {

// Finite pairs at one length, reduced to what the fit needs.
struct RatioPoint {
  double length = 0;
  double baseline = 0;             // median cost
  double log_ratio = 0;            // median of log(candidate / baseline)
  std::vector<double> log_ratios;  // of each block
};

struct RatioFitOptions {
  Padding baseline_padding = {};
  Padding candidate_padding = {};
  int resamples = kResamples;
  uint64_t seed = 1;
};

struct RatioFit {
  double length = 0;
  double low = 0;
  double high = 0;
};

// The change of order in (low, high), between two lengths of opposite sign, with a
// 95 % interval from a bootstrap over blocks, wider where other shapes of costs fit as well
// (other_shapes.h). Of padded curves that change their
// order several times there it is the last, and the interval spans all. Nothing
// when there are fewer than four points, when no window of lengths around the
// bracket passes the lack-of-fit test, or when the fitted curves contradict the
// signs: then the bracket is all one can say.
// `points` ascend in length.
std::optional<RatioFit> FitRatio(const std::vector<RatioPoint>& points, double low, double high,
                                 const RatioFitOptions& options);

}  // namespace cusp::analysis
