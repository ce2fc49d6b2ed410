// From costs at lengths, in many draws, to a rule that changes variants where it pays.
#pragma once

#include <cstddef>
#include <vector>

namespace cusp::analysis {

// Cost by variant at each length, weighted by the share of inputs there.
using CostMatrix = std::vector<std::vector<double>>;

// Sums of a CostMatrix over stretches of lengths. Immutable.
class StretchSums {
 public:
  explicit StretchSums(const CostMatrix& costs);

  size_t lengths() const { return until_[0].size() - 1; }
  size_t variants() const { return until_.size(); }

  // Over the lengths [begin, end); infinite where one of them is.
  double Of(size_t variant, size_t begin, size_t end) const;
  double All(size_t variant) const { return Of(variant, 0, lengths()); }
  // The variant that costs least over all lengths, the first of several.
  size_t Best() const;

 private:
  CostMatrix until_;                            // finite ones before each length
  std::vector<std::vector<size_t>> infinites_;  // how many of the others
};

// Lengths from `begin` to the next stretch, run by one variant.
struct Stretch {
  size_t begin = 0;
  size_t variant = 0;
};

// Of the whole rule.
double CostOf(const StretchSums& sums, const std::vector<Stretch>& rule);

// The cheapest variant at each length, less every change that does not surely save (in
// 97.5 % of `draws`) or takes the cost of the rule less than `least_saving` down, as a share.
// Where the rule is no better than one variant for all, it is that one.
std::vector<Stretch> ChoiceRule(const CostMatrix& costs, const StretchSums& whole,
                                const std::vector<StretchSums>& draws, double least_saving);

}  // namespace cusp::analysis
