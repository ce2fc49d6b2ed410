// What a job is expected to find, and how long that will take.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lib/factor_fit.h"
#include "client/lib/plan_forecast.h"
#include "client/lib/sweep_model.h"
#include "cusp/v1/spec.pb.h"
#include "cusp/v1/worker.pb.h"

namespace cusp::client {

// Of one variant.
struct VariantForecast {
  std::string variant;
  int32_t batch_size = 1;
  double weight_bytes = 0;           // with gradients and optimizer state in training
  std::vector<double> seconds = {};  // at each of SweepForecast::lengths
};

struct ComparisonForecast {
  std::string baseline;
  std::string candidate;
  int32_t batch_size = 1;
  ExpectedOrder order;  // by latency
};

// Of one (mode, number type).
struct SweepForecast {
  v1::Mode mode = v1::MODE_UNSPECIFIED;
  v1::DType dtype = v1::DTYPE_UNSPECIFIED;
  FittedFactors fitted = {};          // on which it rests
  std::vector<int64_t> lengths = {};  // both ends and the middle
  std::vector<VariantForecast> costs = {};
  std::vector<ComparisonForecast> comparisons = {};
  PlanForecast plan = {};
};

struct Forecast {
  v1::Worker worker;  // that would measure
  int threads = 0;    // of its runner
  std::vector<SweepForecast> sweeps = {};
};

// The worker that would get the job: one that is alive, if there is one, of those that
// serve its device. nullptr where there is none.
const v1::Worker* WorkerFor(const v1::JobSpec& spec, const std::vector<v1::Worker>& workers);

// `spec` has its defaults. INVALID_ARGUMENT for a bad job, FAILED_PRECONDITION where the
// worker did not tell its speed.
absl::StatusOr<Forecast> ForecastJob(const v1::JobSpec& spec, const v1::Worker& worker,
                                     const FactorFit& fit);

}  // namespace cusp::client
