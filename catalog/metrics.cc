#include "catalog/metrics.h"

#include <algorithm>
#include <array>
#include <string>

#include "catalog/job_check.h"

namespace cusp::catalog {
namespace {

// What costs nothing comes first, and what needs processes of its own last.
constexpr std::array kOfJobs = {
    v1::METRIC_FLOPS,      v1::METRIC_LATENCY,    v1::METRIC_LATENCY_P90, v1::METRIC_LATENCY_P99,
    v1::METRIC_THROUGHPUT, v1::METRIC_COMPONENTS, v1::METRIC_ENERGY,      v1::METRIC_PEAK_MEMORY};

// The kernel's high-water mark of a process that does the same again: six copies of BERT, each
// in three sizes from 9 to 463 MB, differed by 316 KiB at most, whatever their size
// (docs/measurements/aa.md).
constexpr double kHighWaterMarkBytes = 512 << 10U;

constexpr std::string_view kPartPrefix = "component_";

}  // namespace

std::span<const v1::Metric> MetricsOfJobs() { return kOfJobs; }

bool IsAskedFor(v1::Metric metric) {
  return std::find(kOfJobs.begin(), kOfJobs.end(), metric) != kOfJobs.end();
}

bool HigherIsBetter(v1::Metric metric) {
  return metric == v1::METRIC_THROUGHPUT || metric == v1::METRIC_LARGEST_BATCH_THROUGHPUT ||
         metric == v1::METRIC_LARGEST_BATCH;
}

bool IsExact(v1::Metric metric) {
  return metric == v1::METRIC_FLOPS || metric == v1::METRIC_LARGEST_BATCH ||
         QuantityOf(metric) == Quantity::kBytes;
}

double ResolutionOf(v1::Metric metric, std::string_view device) {
  const bool by_kernel =
      metric == v1::METRIC_HOST_MEMORY || (metric == v1::METRIC_PEAK_MEMORY && device == "cpu");
  return by_kernel ? kHighWaterMarkBytes : 0;
}

bool ChoosesBatch(v1::Metric metric) {
  return QuantityOf(metric) == Quantity::kInputsPerSecond ||
         QuantityOf(metric) == Quantity::kInputs;
}

Quantity QuantityOf(v1::Metric metric) {
  switch (metric) {
    case v1::METRIC_PEAK_MEMORY:
    case v1::METRIC_RESERVED_MEMORY:
    case v1::METRIC_DEVICE_MEMORY:
    case v1::METRIC_HOST_MEMORY:
      return Quantity::kBytes;
    case v1::METRIC_ENERGY:
      return Quantity::kJoules;
    case v1::METRIC_IDLE_POWER:
      return Quantity::kWatts;
    case v1::METRIC_FLOPS:
      return Quantity::kOperations;
    case v1::METRIC_BEST_BATCH:
    case v1::METRIC_LARGEST_BATCH:
      return Quantity::kInputs;
    case v1::METRIC_THROUGHPUT:
    case v1::METRIC_LARGEST_BATCH_THROUGHPUT:
      return Quantity::kInputsPerSecond;
    default:
      return Quantity::kSeconds;
  }
}

std::optional<v1::Metric> MetricOfPart(std::string_view part) {
  const v1::Metric metric = MetricFromText(std::string(kPartPrefix).append(part));
  return metric == v1::METRIC_UNSPECIFIED ? std::nullopt : std::optional(metric);
}

bool IsPart(v1::Metric metric) { return ToText(metric).starts_with(kPartPrefix); }

}  // namespace cusp::catalog
