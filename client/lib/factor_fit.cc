#include "client/lib/factor_fit.h"

#include "client/lib/expectation.h"

namespace cusp::client {
namespace {

constexpr size_t kFewestCosts = 12;

}  // namespace

void FactorFit::Add(const v1::Job& job, const v1::JobResult& result) {
  const Expectation expectation(job);
  for (const v1::Sweep& sweep : job.sweeps()) {
    if (sweep.provenance().device_class() != device_class_) {
      continue;
    }
    for (const v1::Cost& cost : result.costs()) {
      if (cost.mode() != sweep.mode() || cost.dtype() != sweep.dtype()) {
        continue;
      }
      if (const auto expected = expectation.Of(cost)) {
        points_[{cost.mode(), cost.dtype()}].push_back(
            {.terms = expected->terms, .cost = cost.median()});
      }
    }
  }
}

FittedFactors FactorFit::Of(v1::Mode mode, v1::DType dtype) const {
  const auto found = points_.find({mode, dtype});
  if (found == points_.end() || found->second.size() < kFewestCosts) {
    return {};
  }
  return {.factors = analysis::FitFactors(found->second),
          .costs = static_cast<int64_t>(found->second.size())};
}

}  // namespace cusp::client
