// What ratios of a model to itself say of a machine. Numbers in, numbers out.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace cusp::measure {

struct SameAgain {
  double ratio = 1;  // median
  double low = 1;    // its 95 % interval
  double high = 1;
  double noise = 0;      // standard deviation of the log-ratio in a block
  bool differs = false;  // the sign test is sure of a difference
};

// Judges ratios of one model's cost to its own, one for each block; not empty, all
// positive. The true ratio is 1. The test is that of the comparisons (analysis/sign_test)
// without its shortcut for huge effects, at an error rate of 0.001: it runs in every
// sweep, and shall cry wolf in one of a thousand. Differences within 1 % are none.
SameAgain JudgeSameAgain(const std::vector<double>& ratios);

// Blocks after which that test tells a ratio of 1 + `effect` from 1, where the log-ratio
// has this `noise`: its interval is then as narrow as the effect is large. Nothing where
// more blocks are needed than a sweep spends on a length.
std::optional<int> BlocksToTell(double effect, double noise);

}  // namespace cusp::measure
