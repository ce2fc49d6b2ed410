// What variants cost at any length, from blocks measured at a few.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "analysis/cost_fit.h"
#include "analysis/padding.h"
#include "common/random.h"

namespace cusp::analysis {

// One variant's cost in one block. Positive; infinity: out of memory.
struct BlockCost {
  uint32_t block = 0;
  double cost = 0;
};

struct CostsAtLength {
  int64_t length = 0;
  std::vector<BlockCost> costs;  // each block at most once, at least one
};

struct VariantCosts {
  Padding padding;
  std::vector<CostsAtLength> lengths;  // ascending, without repeats
};

// The fitted a + b n + c n², bent so that it goes through every measured median:
// in between, the logarithm of median / fit is interpolated over log length. Beyond
// the measured lengths that factor stays as it is. Infinite beyond the last length
// that fitted into memory, where one is known that did not. Immutable.
class CostFunction {
 public:
  // `medians` ascend in length and are finite; none: infinite everywhere.
  CostFunction(const std::vector<CurvePoint>& medians, const Padding& padding, bool runs_out);

  double operator()(double length) const;

 private:
  double unit_ = 1;  // in which the fit counts, so that costs of any size are about 1
  CostCurve fit_;
  std::vector<std::pair<double, double>> bends_;  // log padded length, log factor
  double longest_ = std::numeric_limits<double>::infinity();
};

// Draws cost functions as they might have come out elsewhere: at each length as many
// blocks are drawn as there are, the same ones for all variants, so that what slowed a
// whole block stays common to them. Immutable once made.
class CostResampler {
 public:
  explicit CostResampler(const std::vector<VariantCosts>& variants);

  // One function for each variant, of all blocks.
  std::vector<CostFunction> Whole() const;
  std::vector<CostFunction> Draw(Random& random) const;

 private:
  struct Cell {
    size_t length = 0;  // index into block_counts_
    double at = 0;
    std::vector<std::pair<size_t, double>> costs;  // place among the blocks there, cost
  };
  struct Variant {
    Padding padding;
    std::vector<Cell> cells;
    bool runs_out = false;
  };

  // `drawn` holds, for each length, how often each block counts.
  std::vector<CostFunction> Functions(const std::vector<std::vector<uint32_t>>& drawn) const;

  std::vector<size_t> block_counts_;  // at each length that any variant has
  std::vector<Variant> variants_;
};

}  // namespace cusp::analysis
