#include "worker/measure/flops_blocks.h"

#include "common/status_macros.h"

namespace cusp::measure {

FlopsBlocks::FlopsBlocks(const SweepSetup& setup)
    : setup_(setup), costs_(catalog::JobCosts::Of(setup.target.spec)) {}

absl::StatusOr<v1::Block> FlopsBlocks::Measure(const analysis::PlannedBlock& planned,
                                               int32_t batch_size, Clock::Duration /*time_left*/) {
  CUSP_RETURN_IF_ERROR(costs_.status());
  const v1::Mode mode = setup_.target.mode;
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
    sample.set_value(costs_
                         ->At(variant, {.mode = mode,
                                        .dtype = setup_.target.dtype,
                                        .length = planned.length,
                                        .batch_size = batch_size})
                         .flops);
  }
  return block;
}

}  // namespace cusp::measure
