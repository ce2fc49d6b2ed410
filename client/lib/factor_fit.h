// How far from its ceilings a device is, from what was measured on it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "analysis/term_fit.h"
#include "catalog/prediction.h"
#include "cusp/v1/job.pb.h"
#include "cusp/v1/result.pb.h"

namespace cusp::client {

struct FittedFactors {
  catalog::CostTerms factors = catalog::kUsualFactors;
  int64_t costs = 0;  // measured ones that they rest on; 0: these are the usual ones
};

// Collects latencies of finished sweeps. Not thread-safe.
class FactorFit {
 public:
  explicit FactorFit(std::string device_class) : device_class_(std::move(device_class)) {}

  // Takes what sweeps on that class found, where the speed of their worker is known.
  void Add(const v1::Job& job, const v1::JobResult& result);

  // By non-negative least squares of relative errors; the usual ones from fewer than 12
  // costs.
  FittedFactors Of(v1::Mode mode, v1::DType dtype) const;

 private:
  std::string device_class_;
  std::map<std::pair<v1::Mode, v1::DType>, std::vector<analysis::TermPoint>> points_;
};

}  // namespace cusp::client
