// What was to be expected of a job that has been measured: from formulas and from the
// speed that its workers told, with the usual factors. Shown beside what was found;
// nothing rests on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/lib/sweep_model.h"
#include "cusp/v1/job.pb.h"
#include "cusp/v1/result.pb.h"

namespace cusp::client {

struct ExpectedCost {
  double seconds = 0;
  double flops = 0;                     // of one step
  double ceiling_flops_per_second = 0;  // of the fastest product on that device
  catalog::CostTerms terms{};           // see catalog/prediction.h
};

// Of a sweep's latencies.
struct ExpectationError {
  double factor = 1;  // the median of measured / expected
  // Of |measured / (factor expected) - 1|.
  double median = 0;
  double worst = 0;
  int64_t costs = 0;
};

// Of one job, which outlives it. Immutable. Knows nothing of jobs that this version
// does not understand, and of sweeps whose worker's speed is not known.
class Expectation {
 public:
  explicit Expectation(const v1::Job& job);

  // Of a latency that was measured.
  std::optional<ExpectedCost> Of(const v1::Cost& cost) const;

  // Of a comparison of latencies, over the job's lengths.
  std::optional<ExpectedOrder> Of(const v1::Comparison& comparison) const;

  // Of one (mode, number type); nothing without latencies.
  std::optional<ExpectationError> ErrorOf(const v1::Sweep& sweep,
                                          const v1::JobResult& result) const;

 private:
  // Nothing where the sweep's device is not known.
  std::optional<SweepModel> ModelOf(v1::Mode mode, v1::DType dtype) const;
  // Number of the variant, or nothing.
  std::optional<size_t> IndexOf(const std::string& variant) const;

  const v1::Job& job_;
  std::optional<catalog::JobCosts> costs_;
};

}  // namespace cusp::client
