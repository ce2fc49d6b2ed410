// How a variant fills its inputs up, as far as costs tell.
#pragma once

#include <cstdint>

namespace cusp::analysis {

// Costs are those of the next multiple of `quantum`; a length up to `slack` beyond a
// multiple still counts as it (samples that make no frame of speech).
struct Padding {
  int64_t quantum = 1;  // 1: smooth costs
  int64_t slack = 0;

  bool IsSmooth() const { return quantum <= 1; }
  bool operator==(const Padding&) const = default;
};

// Of two variants that are compared.
struct PairPadding {
  Padding baseline;
  Padding candidate;

  bool IsSmooth() const { return baseline.IsSmooth() && candidate.IsSmooth(); }
  bool operator==(const PairPadding&) const = default;
};

// The multiple that a length counts as; the length itself where costs are smooth.
double PaddedLength(double length, const Padding& padding);

// Steps between two lengths that are looked at one by one, at most.
inline constexpr int kMostSteps = 4096;

// The next length after `length` beyond which costs jump.
double NextStep(double length, const Padding& padding);

}  // namespace cusp::analysis
