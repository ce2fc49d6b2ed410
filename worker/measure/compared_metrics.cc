#include "worker/measure/compared_metrics.h"

namespace cusp::measure {

bool IsComparedItself(v1::Metric metric) { return metric != v1::METRIC_COMPONENTS; }

bool IsComparedBeside(const SweepSetup& setup, v1::Metric metric) {
  return metric != v1::METRIC_BEST_BATCH && metric != v1::METRIC_IDLE_POWER &&
         (metric != v1::METRIC_HOST_MEMORY || setup.target.device != "cpu");
}

}  // namespace cusp::measure
