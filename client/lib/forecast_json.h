// Predictions as the JSON that scripts read.
#pragma once

#include <nlohmann/json.hpp>

#include "client/lib/expectation.h"
#include "client/lib/forecast.h"
#include "client/lib/job_lengths.h"
#include "cusp/v1/worker.pb.h"

namespace cusp::client {

// device_class, device, threads, and sweeps with costs, comparisons, and the plan.
nlohmann::ordered_json ForecastToJson(const Forecast& forecast, const JobLengths& lengths);

// baseline, candidate, batch_size, cheaper_at_first, and crossings, each with length and
// direction.
nlohmann::ordered_json PredictedToJson(const ComparisonForecast& comparison,
                                       const JobLengths& lengths);

// factor, median_error, worst_error, costs.
nlohmann::ordered_json ErrorToJson(const ExpectationError& error);

// [{"threads": …, "flops_per_second": {"float32": …}, "bytes_per_second": …, …}].
nlohmann::ordered_json SpeedToJson(const v1::DeviceSpeed& speed);

}  // namespace cusp::client
