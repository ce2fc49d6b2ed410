#include "worker/measure/sweep_result.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "catalog/lengths.h"

namespace cusp::measure {
namespace {

// One disturbed block in so many is what a sweep can discard.
constexpr int64_t kBlocksPerDisturbed = 5;

std::string Seconds(Clock::Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

void AddToNote(const std::string& text, v1::Comparison& comparison) {
  comparison.set_note(comparison.note().empty() ? text : comparison.note() + "; " + text);
}

std::string Blocks(int64_t blocks) {
  return std::to_string(blocks) + (blocks == 1 ? " disturbed block was" : " disturbed blocks were");
}

// "2 disturbed blocks were discarded and 5 kept, of 60"; empty where there were none.
std::string DisturbedText(const Plan& plan) {
  const std::string of = ", of " + std::to_string(plan.blocks() + plan.discarded());
  if (plan.discarded() == 0) {
    return plan.disturbed() == 0 ? "" : Blocks(plan.disturbed()) + " kept" + of;
  }
  return Blocks(plan.discarded()) + " discarded" +
         (plan.disturbed() == 0 ? "" : " and " + std::to_string(plan.disturbed()) + " kept" + of);
}

// Says in the note that a baseline differed from itself, and takes the answer back
// where others were at work as well: then it is they that do not cancel.
void Distrust(const Plan& plan, v1::Comparison& comparison) {
  std::string text = "the A/A check found a difference where there is none";
  if (plan.disturbed() * kBlocksPerDisturbed > plan.blocks()) {
    comparison.set_verdict(v1::VERDICT_UNDECIDED);
    comparison.clear_crossings();
    comparison.clear_first();
    comparison.clear_persistent();
    text += ", and others were at work: nothing is claimed; measure again on a quiet machine";
  } else {
    text += ": differences of that size may be the machine's";
  }
  AddToNote(text, comparison);
}

v1::Failure::Reason ReasonOf(v1::Outcome outcome) {
  switch (outcome) {
    case v1::OUTCOME_OUT_OF_MEMORY:
      return v1::Failure::REASON_OUT_OF_MEMORY;
    case v1::OUTCOME_CRASHED:
      return v1::Failure::REASON_CRASHED;
    case v1::OUTCOME_TIMED_OUT:
      return v1::Failure::REASON_TIMED_OUT;
    case v1::OUTCOME_INVALID:
      return v1::Failure::REASON_INVALID_CONFIG;
    default:
      return v1::Failure::REASON_INTERNAL;
  }
}

}  // namespace

v1::SweepResult MakeResult(std::deque<Plan>& plans, Clock::Duration budget,
                           const std::optional<v1::SelfCheck>& self_check) {
  v1::SweepResult result;
  if (self_check) {
    *result.mutable_self_check() = *self_check;
  }
  for (Plan& plan : plans) {
    const bool cut_short = plan.Next().has_value();
    for (Plan::Found& found : plan.Comparisons()) {
      if (cut_short && !found.settled) {
        AddToNote("the budget of " + Seconds(budget) + " was spent with about " +
                      std::to_string(std::max<int64_t>(plan.BlocksLeft(), 1)) +
                      " blocks to go; a larger one would measure them",
                  found.comparison);
      }
      if (const std::string text = DisturbedText(plan); !text.empty()) {
        AddToNote(text, found.comparison);
      }
      if (result.self_check().differs() && plan.metric() == v1::METRIC_LATENCY) {
        Distrust(plan, found.comparison);
      }
      *result.add_comparisons() = std::move(found.comparison);
    }
    for (v1::Comparison& comparison : plan.ComparisonsBeside()) {
      *result.add_comparisons() = std::move(comparison);
    }
    for (v1::Cost& cost : plan.Costs()) {
      *result.add_costs() = std::move(cost);
    }
  }
  return result;
}

void AddUnavailable(const SweepSetup& setup, const std::deque<Plan>& plans,
                    v1::SweepResult& result) {
  const v1::JobSpec& spec = setup.target.spec;
  for (const int metric : spec.metrics()) {
    if (std::any_of(plans.begin(), plans.end(),
                    [metric](const Plan& plan) { return plan.metric() == metric; })) {
      continue;
    }
    for (const auto& [baseline, candidate] : setup.pairs) {
      v1::Comparison& comparison = *result.add_comparisons();
      comparison.set_baseline(setup.variants[baseline].name);
      comparison.set_candidate(setup.variants[candidate].name);
      comparison.set_metric(v1::Metric(metric));
      comparison.set_mode(setup.target.mode);
      comparison.set_dtype(setup.target.dtype);
      comparison.set_batch_size(spec.batch_sizes(0));
      comparison.set_verdict(v1::VERDICT_UNDECIDED);
      comparison.set_note(
          catalog::ToText(v1::Metric(metric)) +
          " is not available: this worker can read no counter of " + setup.target.device +
          " (NVIDIA's management library, or Linux' powercap of Intel and AMD CPUs)");
    }
  }
}

std::optional<v1::Failure> FailureOfResult(const v1::SweepResult& result, v1::LengthUnit unit) {
  v1::Failure failure;
  for (const v1::Cost& cost : result.costs()) {
    if (cost.outcome() == v1::OUTCOME_OK) {
      return std::nullopt;
    }
    failure.set_reason(ReasonOf(cost.outcome()));
    failure.set_message("no point could be measured; '" + cost.variant() + "' at length " +
                        catalog::LengthText(cost.length(), unit) + ": " + cost.failure_message());
  }
  if (result.costs().empty() && !result.comparisons().empty() &&
      result.comparisons(0).metric() == v1::METRIC_ENERGY) {
    failure.set_reason(v1::Failure::REASON_INVALID_CONFIG);
    failure.set_message(result.comparisons(0).note() + "; ask for another metric");
  } else if (result.costs().empty()) {
    failure.set_reason(v1::Failure::REASON_TIMED_OUT);
    failure.set_message("the budget was spent before the first block; raise `budget`");
  }
  return failure;
}

}  // namespace cusp::measure
