#include "worker/measure/energy_blocks.h"

#include <string>

#include "common/status_macros.h"
#include "worker/measure/outcome.h"
#include "worker/measure/timed_blocks.h"
#include "worker/measure/warmup.h"

namespace cusp::measure {

// The status of the table where the point can't be measured; UNAVAILABLE of the counter.
absl::Status EnergyBlocks::RunWindow(const PointKey& key, v1::Sample& sample) {
  const double seconds = std::chrono::duration<double>(window_.shortest).count();
  while (true) {
    CUSP_RETURN_IF_ERROR(runner_.WarmUp(key));
    CUSP_RETURN_IF_ERROR(points_.Usable(key));
    const int32_t calls = CallsPerSample(points_.Seconds(key), seconds);
    CUSP_ASSIGN_OR_RETURN(const double before, counter_.ReadJoules());
    const auto response =
        session_.Run({runner_.StepFor(key, calls)}, runner_.Timeout({key}, {calls}));
    CUSP_ASSIGN_OR_RETURN(const double after, counter_.ReadJoules());
    absl::Status status = response.status();
    if (status.ok() && response->results(0).has_failure()) {
      status = ToStatus(response->results(0).failure());
    }
    if (!status.ok()) {
      points_.Failed(key, status);
      continue;
    }
    if (!(after > before)) {
      return absl::UnavailableError("the energy counter did not move while " +
                                    std::to_string(calls) + " steps ran");
    }
    sample.set_calls(calls);
    sample.set_value((after - before) / calls);
    return absl::OkStatus();
  }
}

absl::StatusOr<v1::Block> EnergyBlocks::Measure(const analysis::PlannedBlock& planned,
                                                int32_t batch_size, Clock::Duration time_left) {
  runner_.SetTimeLeft(time_left);
  const std::vector<PointKey> keys = PointsOf(planned, batch_size);
  for (const PointKey& key : keys) {
    // Before the idle window, so that it is not followed by an unequal one.
    CUSP_RETURN_IF_ERROR(runner_.WarmUp(key));
  }
  CUSP_ASSIGN_OR_RETURN(const double idle_watts, counter_.ReadIdleWatts(window_.shortest));
  v1::Block block;
  block.set_length(planned.length);
  block.set_batch_size(batch_size);
  for (const PointKey& key : keys) {
    v1::Sample& sample = *block.add_samples();
    sample.set_variant(setup_.variants[key.variant].name);
    sample.set_metric(v1::METRIC_ENERGY);
    sample.set_order(block.samples_size() - 1);
    const absl::Status status = RunWindow(key, sample);
    if (!status.ok() && points_.Usable(key).ok()) {
      return status;  // of the sweep or the counter, not of the point
    }
    if (status.ok()) {
      sample.set_outcome(v1::OUTCOME_OK);
    } else {
      SetFailure(status, sample);
    }
  }
  v1::Sample& idle = *block.add_samples();
  idle.set_variant(setup_.variants[keys.front().variant].name);
  idle.set_metric(v1::METRIC_IDLE_POWER);
  idle.set_calls(1);
  idle.set_value(idle_watts);
  idle.set_outcome(v1::OUTCOME_OK);
  return block;
}

}  // namespace cusp::measure
