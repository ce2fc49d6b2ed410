#include "worker/measure/memory_blocks.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/status_macros.h"
#include "worker/measure/batch_search.h"
#include "worker/measure/outcome.h"

namespace cusp::measure {
namespace {

// Seconds beyond which a larger batch is not worth its time: on a CPU the memory for tens of
// thousands of inputs is there, and a step of them takes minutes.
constexpr double kLongestStep = 2;

void AddBeside(const v1::Sample& peak, v1::Metric metric, int64_t bytes, v1::Block& block) {
  if (bytes > 0) {
    v1::Sample& sample = *block.add_samples();
    sample = peak;
    sample.set_metric(metric);
    sample.set_value(static_cast<double>(bytes));
  }
}

}  // namespace

absl::StatusOr<v1::Block> PeakMemoryBlocks::Measure(const analysis::PlannedBlock& planned,
                                                    int32_t batch_size,
                                                    Clock::Duration /*time_left*/) {
  v1::Block block;
  block.set_length(planned.length);
  block.set_batch_size(batch_size);
  const std::vector<ProbeResult> results =
      probe_.Run(planned.variants, planned.length, batch_size, {.timeout = timeout_});
  for (const ProbeResult& result : results) {
    if (absl::IsCancelled(result.status)) {
      return result.status;
    }
    v1::Sample& sample = *block.add_samples();
    sample.set_variant(setup_.variants[result.variant].name);
    sample.set_metric(v1::METRIC_PEAK_MEMORY);
    sample.set_order(block.samples_size() - 1);
    if (result.status.ok()) {
      sample.set_outcome(v1::OUTCOME_OK);
      sample.set_value(static_cast<double>(result.memory.peak_bytes()));
      sample.set_calls(1);
    } else {
      SetFailure(result.status, sample);
    }
  }
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i].status.ok()) {
      const v1::Sample peak = block.samples(static_cast<int>(i));
      const runner::v1::MemoryResponse& memory = results[i].memory;
      AddBeside(peak, v1::METRIC_RESERVED_MEMORY, memory.peak_reserved_bytes(), block);
      AddBeside(peak, v1::METRIC_DEVICE_MEMORY, memory.device_used_bytes(), block);
      AddBeside(peak, v1::METRIC_HOST_MEMORY, memory.host_peak_bytes(), block);
    }
  }
  return block;
}

// Where a length is known, memory is taken to grow with the tokens of a batch.
int32_t LargestBatchBlocks::FirstGuess(size_t variant, int64_t length) const {
  int32_t guess = 1;
  for (const auto& [point, batch] : found_) {
    if (point.first == variant) {
      const double scaled = batch * static_cast<double>(point.second) / static_cast<double>(length);
      guess = static_cast<int32_t>(std::clamp(scaled, 1.0, double{kLargestBatch}));
    }
  }
  return guess;
}

absl::Status LargestBatchBlocks::Search(size_t variant, int64_t length, Clock::Monotonic end,
                                        v1::Sample& sample) {
  LargestBatchSearch search(FirstGuess(variant, length), kLongestStep);
  absl::Status last;
  bool ended_by_time = false;
  while (const auto batch = search.Next()) {
    if (search.largest() > 0 && clock_.Now() >= end) {
      ended_by_time = true;
      break;
    }
    const ProbeResult result =
        probe_.Run({variant}, length, *batch, {.timeout = timeout_, .tries = 1}).front();
    if (absl::IsCancelled(result.status)) {
      return result.status;
    }
    const bool too_large =
        absl::IsResourceExhausted(result.status) || absl::IsDeadlineExceeded(result.status);
    if (!result.status.ok() && !too_large) {
      SetFailure(result.status, sample);
      return absl::OkStatus();
    }
    if (absl::IsDeadlineExceeded(result.status)) {
      ended_by_time = true;
      if (search.largest() > 0) {
        break;
      }
    }
    last = result.status.ok() ? last : result.status;
    search.Add(*batch, result.status.ok(), result.step_seconds);
  }
  if (search.largest() == 0) {
    SetFailure(last, sample);
    return absl::OkStatus();
  }
  found_[{variant, length}] = search.largest();
  if (!search.bounded() || ended_by_time) {
    sample.set_failure_message("larger ones were not tried");
  }
  sample.set_outcome(v1::OUTCOME_OK);
  sample.set_calls(1);
  sample.set_value(search.largest());
  return absl::OkStatus();
}

absl::StatusOr<v1::Block> LargestBatchBlocks::Measure(const analysis::PlannedBlock& planned,
                                                      int32_t /*batch_size*/,
                                                      Clock::Duration time_left) {
  const Clock::Monotonic end = clock_.Now() + time_left;
  v1::Block block;
  block.set_length(planned.length);
  for (const size_t variant : planned.variants) {
    v1::Sample& sample = *block.add_samples();
    sample.set_variant(setup_.variants[variant].name);
    sample.set_metric(v1::METRIC_LARGEST_BATCH);
    sample.set_order(block.samples_size() - 1);
    CUSP_RETURN_IF_ERROR(Search(variant, planned.length, end, sample));
  }
  return block;
}

void LargestBatchBlocks::Restore(const v1::Block& block) {
  for (const v1::Sample& sample : block.samples()) {
    if (sample.outcome() == v1::OUTCOME_OK) {
      found_[{setup_.IndexOf(sample.variant()), block.length()}] =
          static_cast<int32_t>(sample.value());
    }
  }
}

}  // namespace cusp::measure
