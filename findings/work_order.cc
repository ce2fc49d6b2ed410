#include "findings/work_order.h"

#include <algorithm>

#include "catalog/sampling.h"

namespace cusp::findings {
namespace {

// Calls before the first sample at a length.
constexpr int kWarmupCalls = 3;

}  // namespace

double FirstLookSeconds(const analysis::PlanOptions& options, const SweepModel& model,
                        int32_t batch_size) {
  const analysis::Planner planner(options);
  double seconds = 0;
  for (const int64_t length : planner.Grid()) {
    for (size_t variant = 0; variant < options.paddings.size(); ++variant) {
      const double step = model.Seconds(variant, length, batch_size);
      seconds += kWarmupCalls * step + options.min_blocks * std::max(step, catalog::kSampleSeconds);
    }
  }
  return seconds;
}

void OrderWork(const SweepModel& model, int32_t batch_size, double seconds,
               analysis::PlanOptions& options) {
  options.shortest_first = FirstLookSeconds(options, model, batch_size) > seconds;
}

}  // namespace cusp::findings
