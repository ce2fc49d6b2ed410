// What the metrics of jobs and results are.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "cusp/v1/measurement.pb.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::catalog {

// Those that a job may ask for, in the order in which they are measured. The others are
// recorded beside one of these.
std::span<const v1::Metric> MetricsOfJobs();
bool IsAskedFor(v1::Metric metric);

// Whether more of it is better, so that its reciprocal is the cost.
bool HigherIsBetter(v1::Metric metric);

// Whether one value is the truth: it is counted or computed, and not a sample.
bool IsExact(v1::Metric metric);

// Differences of an exact metric below this, in its unit, tell nothing on the device ("cpu",
// "cuda:0"); 0 where every one does.
double ResolutionOf(v1::Metric metric, std::string_view device);

// Whether a sample or a cost is only known to be at least its value: of a search for the
// largest batch that ended before one failed. Not compared.
template <typename SampleOrCost>
bool IsLowerBound(const SampleOrCost& value) {
  return value.metric() == v1::METRIC_LARGEST_BATCH && value.outcome() == v1::OUTCOME_OK &&
         !value.failure_message().empty();
}

// Whether the metric has a batch size of its own for each variant, so that the job's batch
// sizes don't matter.
bool ChoosesBatch(v1::Metric metric);

// What a value is.
enum class Quantity { kSeconds, kBytes, kJoules, kWatts, kOperations, kInputs, kInputsPerSecond };
Quantity QuantityOf(v1::Metric metric);

// The metric of a part of a step as the runner names it ("mixing", "backward"); nothing
// where there is none of that name.
std::optional<v1::Metric> MetricOfPart(std::string_view part);

// Whether it is one of MetricOfPart.
bool IsPart(v1::Metric metric);

}  // namespace cusp::catalog
