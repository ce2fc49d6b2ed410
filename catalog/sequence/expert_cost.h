// Costs of models whose tokens choose among experts.
#pragma once

#include "catalog/cost.h"

namespace cusp::catalog {

// How many of `experts` have any of `tokens`, each of which chooses `chosen`: on average,
// where all are alike.
double ExpertsPresent(double experts, double chosen, double tokens);

// The products of `rows` rows with the matrices [in, out] of the `present` experts that
// they are spread over. An expert without rows is not read.
struct ExpertProducts {
  double rows, present, in, out;
};
void ExpertCost(Component component, const ExpertProducts& products, CostTally& tally);

}  // namespace cusp::catalog
