#include "worker/measure/plan.h"

#include <limits>
#include <utility>

#include "catalog/lengths.h"
#include "catalog/seen_padding.h"
#include "findings/comparison_message.h"
#include "worker/measure/median.h"

namespace cusp::measure {
namespace {

bool IsExact(v1::Metric metric) { return metric == v1::METRIC_PEAK_MEMORY; }

analysis::PlanOptions OptionsFor(const SweepSetup& setup, v1::Metric metric) {
  const v1::JobSpec& spec = setup.target.spec;
  analysis::PlanOptions options;
  for (const catalog::ResolvedVariant& variant : setup.variants) {
    if (setup.target.mode == v1::MODE_DECODE) {
      options.paddings.emplace_back();  // a single token is not padded
      continue;
    }
    options.paddings.push_back(
        {.quantum = catalog::SeenPadding(spec.lengths(), variant.quantum), .slack = variant.slack});
  }
  options.comparisons = setup.pairs;
  options.min_length = spec.lengths().min();
  options.max_length = spec.lengths().max();
  options.quantum = spec.lengths().quantum();
  options.list.assign(spec.lengths().list().begin(), spec.lengths().list().end());
  options.precision = spec.precision();
  options.exact = IsExact(metric);
  options.seed = spec.seed();
  options.per_unit = catalog::BaseUnits(spec.lengths().unit());
  return options;
}

double CostOf(const v1::Sample& sample) {
  switch (sample.outcome()) {
    case v1::OUTCOME_OK:
      return sample.value();
    case v1::OUTCOME_OUT_OF_MEMORY:
      return std::numeric_limits<double>::infinity();
    default:
      return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace

Plan::Plan(const SweepSetup& setup, v1::Metric metric, int32_t batch_size)
    : setup_(setup),
      metric_(metric),
      batch_size_(batch_size),
      planner_(OptionsFor(setup, metric)) {}

bool Plan::Owns(const v1::Block& block) const {
  return block.batch_size() == batch_size_ && block.samples_size() > 0 &&
         block.samples(0).metric() == metric_;
}

void Plan::Add(const v1::Block& block) {
  analysis::MeasuredBlock measured;
  measured.length = block.length();
  for (const v1::Sample& sample : block.samples()) {
    const size_t variant = setup_.IndexOf(sample.variant());
    const bool compared = sample.metric() == metric_;
    if (variant == setup_.variants.size() ||
        (!compared && sample.metric() != v1::METRIC_FIRST_TOKEN)) {
      continue;
    }
    if (compared) {
      measured.costs.push_back({.variant = variant, .cost = CostOf(sample)});
    }
    Point& point = points_[{sample.metric(), variant, block.length()}];
    if (sample.outcome() == v1::OUTCOME_OK) {
      point.values.push_back(sample.value());
    } else {
      point.outcome = sample.outcome();
      point.failure_message = sample.failure_message();
    }
  }
  planner_.Add(measured);
  ++blocks_;
}

void Plan::Discard(int64_t length) {
  planner_.Postpone(length);
  ++discarded_;
}

std::vector<Plan::Found> Plan::Comparisons() const {
  const std::vector<analysis::ComparisonStatus> statuses = planner_.Status();
  std::vector<Found> found;
  for (size_t i = 0; i < statuses.size(); ++i) {
    v1::Comparison comparison = findings::ToMessage(statuses[i].result);
    comparison.set_note(statuses[i].note);
    comparison.set_baseline(setup_.variants[setup_.pairs[i].first].name);
    comparison.set_candidate(setup_.variants[setup_.pairs[i].second].name);
    comparison.set_metric(metric_);
    comparison.set_mode(setup_.target.mode);
    comparison.set_dtype(setup_.target.dtype);
    comparison.set_batch_size(batch_size_);
    found.push_back({.comparison = std::move(comparison), .settled = statuses[i].settled});
  }
  return found;
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
      cost.set_median(interval.median);
      cost.set_low(interval.low);
      cost.set_high(interval.high);
    }
    costs.push_back(std::move(cost));
  }
  return costs;
}

}  // namespace cusp::measure
