#include "catalog/prediction.h"

#include <numeric>

namespace cusp::catalog {

CostTerms TermsOf(const ComponentCost& cost, const Ceilings& ceilings) {
  return {cost.flops / ceilings.flops_per_second, cost.bytes / ceilings.bytes_per_second,
          cost.products * kOperatorsPerProduct * ceilings.launch_seconds};
}

double ExpectedSeconds(const CostTerms& terms, const CostTerms& factors) {
  return std::inner_product(terms.begin(), terms.end(), factors.begin(), 0.0);
}

}  // namespace cusp::catalog
