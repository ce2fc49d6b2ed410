#include "worker/measure/plan.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "catalog/metrics.h"
#include "findings/comparison_message.h"
#include "findings/plan_options.h"
#include "worker/measure/compared_metrics.h"
#include "worker/measure/median.h"
#include "worker/measure/noise.h"

namespace cusp::measure {
namespace {

double CostOf(const v1::Sample& sample) {
  if (catalog::IsLowerBound(sample)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  switch (sample.outcome()) {
    case v1::OUTCOME_OK:
      return catalog::HigherIsBetter(sample.metric()) ? 1 / sample.value() : sample.value();
    case v1::OUTCOME_OUT_OF_MEMORY:
      return std::numeric_limits<double>::infinity();
    default:
      return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace

analysis::PlanOptions Plan::OptionsFor(const SweepSetup& setup, v1::Metric metric) {
  analysis::PlanOptions options =
      findings::PlanOptionsFor(setup.target.spec, setup.target.mode, metric, setup.variants);
  options.resolution = catalog::ResolutionOf(metric, setup.target.device);
  return options;
}

Plan::Plan(const SweepSetup& setup, v1::Metric metric, int32_t batch_size,
           const analysis::PlanOptions& options)
    : setup_(setup),
      metric_(metric),
      batch_size_(batch_size),
      options_(options),
      planner_(options_) {}

bool Plan::Owns(const v1::Block& block) const {
  return block.batch_size() == batch_size_ &&
         std::any_of(block.samples().begin(), block.samples().end(),
                     [this](const v1::Sample& sample) { return sample.metric() == metric_; });
}

void Plan::Add(const v1::Block& block) {
  analysis::MeasuredBlock measured;
  measured.length = block.length();
  std::map<v1::Metric, std::map<size_t, double>> beside;
  for (const v1::Sample& sample : block.samples()) {
    const size_t variant = setup_.IndexOf(sample.variant());
    if (variant == setup_.variants.size() || sample.metric() == v1::METRIC_SAME_AGAIN) {
      continue;
    }
    if (sample.metric() == metric_) {
      measured.costs.push_back({.variant = variant, .cost = CostOf(sample)});
    } else {
      beside[sample.metric()][variant] = CostOf(sample);
    }
    Point& point = points_[{sample.metric(), variant, block.length()}];
    if (catalog::IsLowerBound(sample)) {
      bounded_below_.insert(variant);
      point.failure_message = sample.failure_message();
    }
    if (sample.outcome() == v1::OUTCOME_OK) {
      point.values.push_back(sample.value());
    } else {
      point.outcome = sample.outcome();
      point.failure_message = sample.failure_message();
    }
  }
  planner_.Add(measured);
  for (const auto& [metric, costs] : beside) {
    if (catalog::IsExact(metric)) {
      // One value is the truth, whichever block it stands in.
      for (const auto& [variant, cost] : costs) {
        exact_[metric][block.length()][variant] = cost;
      }
      beside_[metric].clear();
      for (const auto& [length, known] : exact_[metric]) {
        AddBeside(metric, length, known);
      }
    } else {
      AddBeside(metric, block.length(), costs);
    }
  }
  ++blocks_;
  disturbed_ += IsDisturbed(block) ? 1 : 0;
}

void Plan::AddBeside(v1::Metric metric, int64_t length, const std::map<size_t, double>& costs) {
  for (size_t pair = 0; pair < setup_.pairs.size(); ++pair) {
    const auto baseline = costs.find(setup_.pairs[pair].first);
    const auto candidate = costs.find(setup_.pairs[pair].second);
    // A part may take less time than the clock can tell.
    if (baseline != costs.end() && candidate != costs.end() && baseline->second > 0 &&
        candidate->second > 0) {
      analysis::LengthData& at = beside_[metric][pair][length];
      at.length = length;
      at.pairs.push_back({.baseline = baseline->second, .candidate = candidate->second});
    }
  }
}

void Plan::Discard(int64_t length) {
  planner_.Postpone(length);
  ++discarded_;
}

v1::Comparison Plan::Message(const analysis::ComparisonResult& result, v1::Metric metric,
                             size_t pair) const {
  v1::Comparison comparison = findings::ToMessage(result);
  comparison.set_baseline(setup_.variants[setup_.pairs[pair].first].name);
  comparison.set_candidate(setup_.variants[setup_.pairs[pair].second].name);
  comparison.set_metric(metric);
  comparison.set_mode(setup_.target.mode);
  comparison.set_dtype(setup_.target.dtype);
  comparison.set_batch_size(batch_size_);
  return comparison;
}

std::vector<Plan::Found> Plan::Comparisons() const {
  std::vector<Found> found;
  if (!IsComparedItself(metric_)) {
    return found;
  }
  const std::vector<analysis::ComparisonStatus> statuses = planner_.Status();
  for (size_t pair = 0; pair < statuses.size(); ++pair) {
    v1::Comparison comparison = Message(statuses[pair].result, metric_, pair);
    if (comparison.range_min() == comparison.range_max() && planner_.Grid().size() > 1) {
      comparison.set_verdict(v1::VERDICT_UNDECIDED);  // one length says nothing of a range
    }
    const auto& [baseline, candidate] = setup_.pairs[pair];
    const bool bounded = bounded_below_.contains(baseline) || bounded_below_.contains(candidate);
    comparison.set_note(comparison.range_max() == 0 && bounded
                            ? "larger batches were not tried: a step of them takes seconds, or the "
                              "time for it was spent"
                            : statuses[pair].note);
    found.push_back({.comparison = std::move(comparison), .settled = statuses[pair].settled});
  }
  return found;
}

std::vector<v1::Comparison> Plan::ComparisonsBeside() const {
  std::vector<v1::Comparison> comparisons;
  for (const auto& [metric, pairs] : beside_) {
    if (!IsComparedBeside(setup_, metric)) {
      continue;
    }
    for (const auto& [pair, lengths] : pairs) {
      std::vector<analysis::LengthData> data;
      for (const auto& [length, at] : lengths) {
        data.push_back(at);
      }
      if (data.size() < 2) {
        continue;
      }
      analysis::CompareOptions options;
      options.exact = catalog::IsExact(metric);
      options.resolution = catalog::ResolutionOf(metric, setup_.target.device);
      options.baseline_padding = options_.paddings[setup_.pairs[pair].first];
      options.candidate_padding = options_.paddings[setup_.pairs[pair].second];
      options.seed = options_.seed;
      v1::Comparison comparison = Message(analysis::Compare(data, options), metric, pair);
      comparison.set_note("recorded beside " + catalog::ToText(metric_) +
                          ", at the lengths and in the blocks that it took");
      comparisons.push_back(std::move(comparison));
    }
  }
  return comparisons;
}

std::vector<v1::Cost> Plan::Costs() const {
  std::vector<v1::Cost> costs;
  for (const auto& [key, point] : points_) {
    const auto& [metric, variant, length] = key;
    v1::Cost cost;
    cost.set_variant(setup_.variants[variant].name);
    cost.set_metric(metric);
    cost.set_mode(setup_.target.mode);
    cost.set_dtype(setup_.target.dtype);
    cost.set_batch_size(batch_size_);
    cost.set_length(length);
    cost.set_samples(static_cast<int64_t>(point.values.size()));
    if (point.outcome != v1::OUTCOME_UNSPECIFIED) {
      cost.set_outcome(point.outcome);
      cost.set_failure_message(point.failure_message);
    } else {
      const MedianInterval interval = MedianOf(point.values);
      cost.set_outcome(v1::OUTCOME_OK);
      cost.set_failure_message(point.failure_message);  // of a lower bound: why it is one
      cost.set_median(interval.median);
      cost.set_low(interval.low);
      cost.set_high(interval.high);
    }
    costs.push_back(std::move(cost));
  }
  return costs;
}

}  // namespace cusp::measure
