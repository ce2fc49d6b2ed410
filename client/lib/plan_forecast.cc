#include "client/lib/plan_forecast.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "analysis/planner.h"
#include "catalog/decoding.h"
#include "catalog/sampling.h"
#include "common/random.h"
#include "findings/plan_options.h"
#include "findings/work_order.h"

namespace cusp::client {
namespace {

constexpr double kNoise = 0.03;  // standard deviation of a sample's logarithm
// Loading LibTorch, warming the process up, and building one small model.
constexpr double kStartSeconds = 1.2;
constexpr int kWarmupCalls = 3;
// Operands of a matrix product that are alive at the peak.
constexpr double kLiveProducts = 4;
// Of what is left, at most so much is kept for the probes (worker/measure/budget.h).
constexpr double kKeptShare = 0.4;
constexpr int kFirstTokens = 8;

using analysis::MeasuredBlock;
using analysis::PlannedBlock;
using analysis::Planner;

class Simulation {
 public:
  Simulation(const v1::JobSpec& spec, const SweepModel& model, int probes_at_once)
      : spec_(spec),
        model_(model),
        probes_at_once_(probes_at_once),
        budget_(static_cast<double>(spec.budget().seconds())),
        random_(spec.seed()) {}

  PlanForecast Run() {
    const bool latency = Has(v1::METRIC_LATENCY);
    const bool memory = Has(v1::METRIC_PEAK_MEMORY);
    std::deque<Planner> probes;
    double reserve = 0;
    for (int i = 0; memory && i < spec_.batch_sizes_size(); ++i) {
      probes.emplace_back(OptionsFor(v1::METRIC_PEAK_MEMORY));
      reserve += static_cast<double>(probes.back().BlocksLeft()) * ProbeSeconds();
    }
    for (const int metric : spec_.metrics()) {
      if (metric != v1::METRIC_LATENCY && metric != v1::METRIC_PEAK_MEMORY &&
          metric != v1::METRIC_FLOPS) {
        forecast_.not_counted.push_back(static_cast<v1::Metric>(metric));
      }
    }
    forecast_.seconds = latency ? kStartSeconds : 0;
    int stages = spec_.batch_sizes_size();
    for (int i = 0; latency && i < spec_.batch_sizes_size(); ++i) {
      analysis::PlanOptions options = OptionsFor(v1::METRIC_LATENCY);
      const double end = StageEnd(stages--, reserve);
      findings::OrderWork(model_, spec_.batch_sizes(i), end - forecast_.seconds, options);
      Planner planner(std::move(options));
      MeasureLatency(planner, spec_.batch_sizes(i), end);
    }
    stages = spec_.batch_sizes_size();
    for (size_t i = 0; i < probes.size(); ++i) {
      Probe(probes[i], spec_.batch_sizes(static_cast<int>(i)), StageEnd(stages--, 0));
    }
    return forecast_;
  }

 private:
  bool Has(v1::Metric metric) const {
    return std::find(spec_.metrics().begin(), spec_.metrics().end(), metric) !=
           spec_.metrics().end();
  }

  analysis::PlanOptions OptionsFor(v1::Metric metric) const {
    return findings::PlanOptionsFor(spec_, model_.mode, metric, model_.costs.variants());
  }

  double StageEnd(int stages, double reserve) const {
    const double left = std::max(budget_ - forecast_.seconds, 0.0);
    return forecast_.seconds + (left - std::min(reserve, left * kKeptShare)) / stages;
  }

  void MeasureLatency(Planner& planner, int32_t batch_size, double end) {
    while (const auto planned = planner.Next()) {
      if (forecast_.seconds >= end) {
        forecast_.enough = false;
        return;
      }
      MeasuredBlock block{.length = planned->length, .costs = {}};
      for (const size_t variant : planned->variants) {
        const double seconds = model_.Seconds(variant, planned->length, batch_size);
        forecast_.seconds += SampleSeconds(variant, planned->length, batch_size, seconds);
        block.costs.push_back({.variant = variant, .cost = seconds * Noise()});
      }
      planner.Add(block);
      ++forecast_.blocks;
    }
  }

  // Of a sample with what precedes it at a length that is met for the first time.
  double SampleSeconds(size_t variant, int64_t length, int32_t batch_size, double step) {
    int& samples = samples_[{variant, length, batch_size}];
    double seconds = step;
    if (step < catalog::kSampleSeconds) {
      // A tenth more calls than it takes, and whole ones.
      seconds = 1.1 * catalog::kSampleSeconds + step / 2;
    }
    double calls = seconds / step;
    if (samples == 0) {
      seconds += kWarmupCalls * step;
      calls += kWarmupCalls;
    }
    if (model_.mode == v1::MODE_DECODE) {
      seconds += FillSeconds(variant, length, batch_size, calls, samples);
    }
    ++samples;
    return seconds;
  }

  // Filling caches, and the passes that give first tokens.
  double FillSeconds(size_t variant, int64_t length, int32_t batch_size, double calls,
                     int samples) const {
    SweepModel pass = model_;
    pass.mode = v1::MODE_INFERENCE;
    const double steps = 2.0 * static_cast<double>(catalog::DecodeReach(length)) + 1;
    const double passes = std::ceil(calls / steps) + (samples < kFirstTokens ? 1 : 0);
    return passes * pass.Seconds(variant, length, batch_size);
  }

  void Probe(Planner& planner, int32_t batch_size, double end) {
    while (const auto planned = planner.Next()) {
      if (forecast_.seconds >= end) {
        forecast_.enough = false;
        return;
      }
      MeasuredBlock block{.length = planned->length, .costs = {}};
      for (const size_t variant : planned->variants) {
        block.costs.push_back(
            {.variant = variant, .cost = RoughBytes(variant, planned->length, batch_size)});
      }
      planner.Add(block);
      forecast_.seconds += ProbeSeconds();
      ++forecast_.probes;
    }
  }

  // Good enough to count probes: the weights and a few operands of usual size.
  double RoughBytes(size_t variant, int64_t length, int32_t batch_size) const {
    const catalog::ComponentCost cost = model_.costs.At(
        variant,
        {.mode = model_.mode, .dtype = model_.dtype, .length = length, .batch_size = batch_size});
    return model_.costs.WeightBytes(variant, model_.mode, model_.dtype) +
           kLiveProducts * cost.bytes / std::max(cost.products, 1.0);
  }

  // All variants at one length.
  double ProbeSeconds() const {
    const double variants = static_cast<double>(model_.costs.variants().size());
    return kStartSeconds * std::ceil(variants / probes_at_once_);
  }

  // Lognormal, by Box and Muller.
  double Noise() {
    constexpr double kTwoPi = 6.283185307179586;
    const double radius = std::sqrt(-2 * std::log(1 - random_.Uniform()));
    return std::exp(kNoise * radius * std::cos(kTwoPi * random_.Uniform()));
  }

  const v1::JobSpec& spec_;
  const SweepModel& model_;
  const int probes_at_once_;
  const double budget_;
  Random random_;
  PlanForecast forecast_;
  // By variant, length and batch size.
  std::map<std::tuple<size_t, int64_t, int32_t>, int> samples_;
};

}  // namespace

PlanForecast ForecastPlan(const v1::JobSpec& spec, const SweepModel& model, int probes_at_once) {
  return Simulation(spec, model, probes_at_once).Run();
}

}  // namespace cusp::client
