// How timed steps become the samples of a metric.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cusp/runner/v1/runner.pb.h"
#include "cusp/v1/measurement.pb.h"

namespace cusp::measure {

// Steps of one point of a block, timed together.
struct TimedSteps {
  size_t point = 0;  // of the block's points
  int32_t calls = 1;
  bool each_call = false;  // timed by itself too
};

class SampleShape {
 public:
  virtual ~SampleShape() = default;

  // What the samples measure.
  virtual v1::Metric metric() const = 0;

  // The steps of a block, in order, when a sample of point i should have calls[i] of them.
  virtual std::vector<TimedSteps> Steps(const std::vector<int32_t>& calls) const = 0;

  // One timing: its calls, the inputs of each, and what the runner found.
  struct Timing {
    int32_t calls = 1;
    int32_t batch_size = 1;
    const runner::v1::StepResult* result = nullptr;
  };

  // Sets value and calls of a point's sample from all its timings, none of which failed.
  virtual void Fill(const std::vector<Timing>& timings, v1::Sample& sample) const = 0;

  // What is recorded beside it: samples with metric, value and calls.
  virtual std::vector<v1::Sample> Beside(const std::vector<Timing>& /*timings*/) const {
    return {};
  }
};

// The mean of the calls that make a sample long enough: latency. Beside it the parts of a
// training step.
class MeanOfCalls final : public SampleShape {
 public:
  v1::Metric metric() const override { return v1::METRIC_LATENCY; }
  std::vector<TimedSteps> Steps(const std::vector<int32_t>& calls) const override;
  void Fill(const std::vector<Timing>& timings, v1::Sample& sample) const override;
  std::vector<v1::Sample> Beside(const std::vector<Timing>& timings) const override;
};

// A percentile of single calls, the points taking turns in rounds of an order drawn afresh:
// 40 calls for the ninetieth percentile and 400 for the ninety-ninth, so that four lie above
// it. Those of a block are the percentile's one sample. Decoding takes 20 steps a turn, each
// timed by itself, for every turn fills a cache.
class PercentileOfCalls final : public SampleShape {
 public:
  // METRIC_LATENCY_P90 or METRIC_LATENCY_P99; `seed` is that of the orders.
  PercentileOfCalls(v1::Metric metric, v1::Mode mode, uint64_t seed)
      : metric_(metric), in_turn_(mode == v1::MODE_DECODE ? 20 : 1), seed_(seed) {}

  v1::Metric metric() const override { return metric_; }
  std::vector<TimedSteps> Steps(const std::vector<int32_t>& calls) const override;
  void Fill(const std::vector<Timing>& timings, v1::Sample& sample) const override;

 private:
  int Calls() const { return metric_ == v1::METRIC_LATENCY_P99 ? 400 : 40; }

  v1::Metric metric_;
  int in_turn_;
  uint64_t seed_;
};

// Inputs per second, in the calls of a latency's sample. Beside it the batch size.
class InputsPerSecond final : public SampleShape {
 public:
  v1::Metric metric() const override { return v1::METRIC_THROUGHPUT; }
  std::vector<TimedSteps> Steps(const std::vector<int32_t>& calls) const override {
    return MeanOfCalls().Steps(calls);
  }
  void Fill(const std::vector<Timing>& timings, v1::Sample& sample) const override;
  std::vector<v1::Sample> Beside(const std::vector<Timing>& timings) const override;
};

// Seconds of one call.
double SecondsPerCall(const SampleShape::Timing& timing);

}  // namespace cusp::measure
