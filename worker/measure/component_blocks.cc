#include "worker/measure/component_blocks.h"

#include <string>
#include <utility>
#include <vector>

#include "catalog/metrics.h"
#include "common/status_macros.h"
#include "worker/measure/outcome.h"
#include "worker/measure/timed_blocks.h"

namespace cusp::measure {

// The status of the table where the point can't be measured.
absl::StatusOr<runner::v1::ComponentsResponse> ComponentBlocks::TellApart(const PointKey& key) {
  while (true) {
    CUSP_RETURN_IF_ERROR(runner_.WarmUp(key));
    CUSP_RETURN_IF_ERROR(points_.Usable(key));
    const int32_t calls = points_.Calls(key);
    // Each call is a pair, and one more precedes them.
    auto response =
        session_.Components(runner_.StepFor(key, calls), runner_.Timeout({key}, {2 * calls + 1}));
    absl::Status status = response.status();
    if (status.ok() && response->has_failure()) {
      status = ToStatus(response->failure());
    }
    if (status.ok()) {
      return response;
    }
    points_.Failed(key, status);
  }
}

absl::StatusOr<v1::Block> ComponentBlocks::Measure(const analysis::PlannedBlock& planned,
                                                   int32_t batch_size, Clock::Duration time_left) {
  runner_.SetTimeLeft(time_left);
  v1::Block block;
  block.set_length(planned.length);
  block.set_batch_size(batch_size);
  std::vector<v1::Sample> parts;
  for (const PointKey& key : PointsOf(planned, batch_size)) {
    v1::Sample& sample = *block.add_samples();
    sample.set_variant(setup_.variants[key.variant].name);
    sample.set_metric(v1::METRIC_COMPONENTS);
    sample.set_order(block.samples_size() - 1);
    const auto response = TellApart(key);
    if (!response.ok() && points_.Usable(key).ok()) {
      return response.status();  // of the sweep, not of the point
    }
    if (!response.ok()) {
      SetFailure(response.status(), sample);
      continue;
    }
    const int32_t calls = points_.Calls(key);
    const auto seconds = [calls](int64_t nanos) {
      return static_cast<double>(nanos) * 1e-9 / calls;
    };
    sample.set_outcome(v1::OUTCOME_OK);
    sample.set_calls(calls);
    sample.set_value(seconds(response->whole_ns()));
    for (const runner::v1::PartTime& part : response->parts()) {
      // A part that this version has no name for would be lost in silence otherwise.
      const v1::Metric metric =
          catalog::MetricOfPart(part.name()).value_or(v1::METRIC_COMPONENT_OTHER);
      v1::Sample& told = parts.emplace_back(sample);
      told.set_metric(metric);
      told.set_value(seconds(part.duration_ns()));
    }
  }
  for (v1::Sample& part : parts) {
    *block.add_samples() = std::move(part);
  }
  return block;
}

}  // namespace cusp::measure
