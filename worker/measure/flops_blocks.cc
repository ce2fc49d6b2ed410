#include "worker/measure/flops_blocks.h"

#include "catalog/step_cost.h"

namespace cusp::measure {

absl::StatusOr<v1::Block> FlopsBlocks::Measure(const analysis::PlannedBlock& planned,
                                               int32_t batch_size, Clock::Duration /*time_left*/) {
  v1::Block block;
  block.set_length(planned.length);
  block.set_batch_size(batch_size);
  for (const size_t variant : planned.variants) {
    v1::Sample& sample = *block.add_samples();
    sample.set_variant(setup_.variants[variant].name);
    sample.set_metric(v1::METRIC_FLOPS);
    sample.set_order(block.samples_size() - 1);
    sample.set_outcome(v1::OUTCOME_OK);
    sample.set_calls(1);
    sample.set_value(catalog::StepCost(setup_.variants[variant], setup_.target.mode,
                                       setup_.target.dtype, planned.length, batch_size)
                         .Total()
                         .flops);
  }
  return block;
}

}  // namespace cusp::measure
