#include "worker/measure/sample_shape.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "common/random.h"

namespace cusp::measure {

double SecondsPerCall(const SampleShape::Timing& timing) {
  return static_cast<double>(timing.result->duration_ns()) * 1e-9 / timing.calls;
}

std::vector<TimedSteps> MeanOfCalls::Steps(const std::vector<int32_t>& calls) const {
  std::vector<TimedSteps> steps;
  for (size_t i = 0; i < calls.size(); ++i) {
    steps.push_back({.point = i, .calls = calls[i]});
  }
  return steps;
}

void MeanOfCalls::Fill(const std::vector<Timing>& timings, v1::Sample& sample) const {
  sample.set_calls(timings.front().calls);
  sample.set_value(SecondsPerCall(timings.front()));
}

std::vector<v1::Sample> MeanOfCalls::Beside(const std::vector<Timing>& timings) const {
  constexpr std::array kParts = {v1::METRIC_FORWARD, v1::METRIC_BACKWARD, v1::METRIC_OPTIMIZER};
  const Timing& timing = timings.front();
  std::vector<v1::Sample> parts;
  if (timing.result->part_ns_size() != static_cast<int>(kParts.size())) {
    return parts;
  }
  for (const v1::Metric metric : kParts) {
    v1::Sample& part = parts.emplace_back();
    part.set_metric(metric);
    part.set_calls(timing.calls);
    const auto nanos = timing.result->part_ns(static_cast<int>(parts.size()) - 1);
    part.set_value(static_cast<double>(nanos) * 1e-9 / timing.calls);
  }
  return parts;
}

std::vector<TimedSteps> PercentileOfCalls::Steps(const std::vector<int32_t>& calls) const {
  std::vector<size_t> order(calls.size());
  std::iota(order.begin(), order.end(), size_t{0});
  Random random(seed_);
  std::vector<TimedSteps> steps;
  for (int taken = 0; taken < Calls(); taken += in_turn_) {
    random.Shuffle(order);
    for (const size_t point : order) {
      steps.push_back({.point = point, .calls = in_turn_, .each_call = in_turn_ > 1});
    }
  }
  return steps;
}

void PercentileOfCalls::Fill(const std::vector<Timing>& timings, v1::Sample& sample) const {
  std::vector<double> seconds;
  seconds.reserve(timings.size());
  for (const Timing& timing : timings) {
    for (const int64_t nanos : timing.result->call_ns()) {
      seconds.push_back(static_cast<double>(nanos) * 1e-9);
    }
    if (timing.result->call_ns().empty()) {
      seconds.push_back(SecondsPerCall(timing));
    }
  }
  // The smallest value that so many in a hundred do not exceed.
  const size_t percent = metric_ == v1::METRIC_LATENCY_P99 ? 99 : 90;
  const size_t rank = (seconds.size() * percent + 99) / 100;
  const auto at = seconds.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::nth_element(seconds.begin(), at, seconds.end());
  sample.set_calls(static_cast<int32_t>(seconds.size()));
  sample.set_value(*at);
}

void InputsPerSecond::Fill(const std::vector<Timing>& timings, v1::Sample& sample) const {
  const Timing& timing = timings.front();
  sample.set_calls(timing.calls);
  sample.set_value(timing.batch_size / SecondsPerCall(timing));
}

std::vector<v1::Sample> InputsPerSecond::Beside(const std::vector<Timing>& timings) const {
  v1::Sample batch;
  batch.set_metric(v1::METRIC_BEST_BATCH);
  batch.set_calls(1);
  batch.set_value(timings.front().batch_size);
  return {batch};
}

}  // namespace cusp::measure
