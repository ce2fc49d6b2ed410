#include "worker/measure/throughput_blocks.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "common/status_macros.h"
#include "worker/measure/batch_search.h"

namespace cusp::measure {
namespace {

double LogDistance(int64_t a, int64_t b) {
  return std::abs(std::log(static_cast<double>(a) / static_cast<double>(b)));
}

}  // namespace

int32_t ThroughputBlocks::FirstGuess(size_t variant, int64_t length) const {
  double nearest = std::numeric_limits<double>::infinity();
  double guess = 1;
  for (const auto& [point, batch] : best_) {
    if (point.first == variant && LogDistance(point.second, length) < nearest) {
      nearest = LogDistance(point.second, length);
      guess = batch * static_cast<double>(point.second) / static_cast<double>(length);
    }
  }
  // A power of two, so that neighbours of one length are tried at others, too.
  return static_cast<int32_t>(std::exp2(std::max(0.0, std::round(std::log2(guess)))));
}

// 1 where none runs, so that the block records why.
absl::StatusOr<int32_t> ThroughputBlocks::BestBatch(size_t variant, int64_t length) {
  const auto known = best_.find({variant, length});
  if (known != best_.end()) {
    return known->second;
  }
  const double most_seconds =
      std::chrono::duration<double>(runner_.options().call_timeout).count() / 3;
  BestBatchSearch search(FirstGuess(variant, length), most_seconds);
  while (const auto batch = search.Next()) {
    const PointKey key{.variant = variant, .length = length, .batch_size = *batch};
    CUSP_RETURN_IF_ERROR(runner_.WarmUp(key));
    search.Add(*batch, points_.Usable(key).ok() ? points_.Seconds(key) : 0);
  }
  const int32_t best = std::max(search.best(), 1);
  best_[{variant, length}] = best;
  return best;
}

absl::Status ThroughputBlocks::AddLargest(size_t variant, int64_t length, v1::Block& block) {
  const auto known = largest_.find({variant, length});
  if (known == largest_.end() || !timed_.emplace(known->first, known->second).second) {
    return absl::OkStatus();
  }
  const PointKey key{.variant = variant, .length = length, .batch_size = known->second};
  CUSP_RETURN_IF_ERROR(runner_.WarmUp(key));
  if (points_.Usable(key).ok()) {
    v1::Sample& sample = *block.add_samples();
    sample.set_variant(setup_.variants[variant].name);
    sample.set_metric(v1::METRIC_LARGEST_BATCH_THROUGHPUT);
    sample.set_order(block.samples_size() - 1);
    sample.set_calls(1);
    sample.set_value(known->second / points_.Seconds(key));
    sample.set_outcome(v1::OUTCOME_OK);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Block> ThroughputBlocks::Measure(const analysis::PlannedBlock& planned,
                                                    int32_t /*batch_size*/,
                                                    Clock::Duration time_left) {
  runner_.SetTimeLeft(time_left);
  std::vector<PointKey> keys;
  for (const size_t variant : planned.variants) {
    CUSP_ASSIGN_OR_RETURN(const int32_t batch, BestBatch(variant, planned.length));
    keys.push_back({.variant = variant, .length = planned.length, .batch_size = batch});
  }
  CUSP_ASSIGN_OR_RETURN(v1::Block block, runner_.Measure(keys, shape_));
  for (const size_t variant : planned.variants) {
    CUSP_RETURN_IF_ERROR(AddLargest(variant, planned.length, block));
  }
  block.set_batch_size(0);
  return block;
}

void ThroughputBlocks::Restore(const v1::Block& block) {
  for (const v1::Sample& sample : block.samples()) {
    const std::pair point(setup_.IndexOf(sample.variant()), block.length());
    if (sample.metric() == v1::METRIC_BEST_BATCH) {
      best_[point] = static_cast<int32_t>(sample.value());
    } else if (sample.metric() == v1::METRIC_LARGEST_BATCH_THROUGHPUT) {
      timed_.emplace(point, 0);
    }
  }
}

}  // namespace cusp::measure
