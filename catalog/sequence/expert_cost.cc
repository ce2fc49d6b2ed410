#include "catalog/sequence/expert_cost.h"

#include <cmath>

namespace cusp::catalog {

double ExpertsPresent(double experts, double chosen, double tokens) {
  return experts * (1 - std::pow(1 - chosen / experts, tokens));
}

void ExpertCost(Component component, const ExpertProducts& products, CostTally& tally) {
  tally.Product(component, products.present, products.rows / products.present, products.in,
                products.out);
}

}  // namespace cusp::catalog
