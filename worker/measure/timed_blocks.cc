#include "worker/measure/timed_blocks.h"

#include "common/status_macros.h"

namespace cusp::measure {
namespace {

constexpr int kMostFirstTokens = 8;

}  // namespace

std::vector<PointKey> PointsOf(const analysis::PlannedBlock& planned, int32_t batch_size) {
  std::vector<PointKey> keys;
  for (const size_t variant : planned.variants) {
    keys.push_back({.variant = variant, .length = planned.length, .batch_size = batch_size});
  }
  return keys;
}

absl::StatusOr<v1::Block> TimedBlocks::Measure(const analysis::PlannedBlock& planned,
                                               int32_t batch_size, Clock::Duration time_left) {
  runner_.SetTimeLeft(time_left);
  return runner_.Measure(PointsOf(planned, batch_size), shape_);
}

absl::StatusOr<v1::Block> LatencyBlocks::Measure(const analysis::PlannedBlock& planned,
                                                 int32_t batch_size, Clock::Duration time_left) {
  runner_.SetTimeLeft(time_left);
  analysis::PlannedBlock steps = planned;
  const std::optional<size_t> again =
      check_ != nullptr ? check_->Insert(batch_size, steps) : std::nullopt;
  CUSP_ASSIGN_OR_RETURN(v1::Block block,
                        runner_.Measure(PointsOf(steps, batch_size), shape_, again));
  if (setup_.target.mode == v1::MODE_DECODE) {
    AddFirstTokens(PointsOf(planned, batch_size), block);
  }
  return block;
}

void LatencyBlocks::AddFirstTokens(const std::vector<PointKey>& keys, v1::Block& block) {
  for (const PointKey& key : keys) {
    if (!points_.Usable(key).ok() || points_.FirstTokens(key) >= kMostFirstTokens ||
        !runner_.EnsureReady().ok()) {
      continue;
    }
    // Tried or not: what dies of it is not asked for ever.
    points_.FirstTokenTaken(key);
    runner::v1::Step step = runner_.StepFor(key, 1);
    step.set_fill_tokens(0);
    step.set_first_token(true);
    const auto response = session_.Run({step}, runner_.Timeout({key}, {points_.Calls(key)}));
    if (!response.ok() || response->results(0).has_failure()) {
      continue;
    }
    v1::Sample& sample = *block.add_samples();
    sample.set_variant(setup_.variants[key.variant].name);
    sample.set_metric(v1::METRIC_FIRST_TOKEN);
    sample.set_order(block.samples_size() - 1);
    sample.set_calls(1);
    sample.set_value(SecondsPerCall({.result = &response->results(0)}));
    sample.set_outcome(v1::OUTCOME_OK);
  }
}

}  // namespace cusp::measure
