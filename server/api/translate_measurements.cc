#include "server/api/translate_measurements.h"

#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "common/status_macros.h"
#include "server/api/translate.h"

namespace cusp::server {
namespace {

static_assert(kOutcomeOk == v1::OUTCOME_OK && kOutcomeOutOfMemory == v1::OUTCOME_OUT_OF_MEMORY);

absl::Status Bad(const std::string& what) { return absl::InvalidArgumentError(what); }

void SetCrossing(const Crossing& crossing, v1::Crossing* out) {
  out->set_length(crossing.length);
  out->set_low(crossing.low);
  out->set_high(crossing.high);
  out->set_direction(static_cast<v1::Direction>(crossing.direction));
}

absl::StatusOr<Sample> FromProto(const v1::Sample& in, int64_t block) {
  const std::string where = "block " + std::to_string(block) + ", variant \"" + in.variant() + "\"";
  if (!v1::Metric_IsValid(in.metric()) || in.metric() == v1::METRIC_UNSPECIFIED) {
    return Bad(where + ": the metric is missing or unknown");
  }
  if (!v1::Outcome_IsValid(in.outcome()) || in.outcome() == v1::OUTCOME_UNSPECIFIED) {
    return Bad(where + ": the outcome is missing or unknown");
  }
  if (in.outcome() == v1::OUTCOME_OK && !std::isfinite(in.value())) {
    return Bad(where + ": the value is not finite");
  }
  Sample sample;
  sample.variant = in.variant();
  sample.metric = in.metric();
  sample.value = in.value();
  sample.outcome = in.outcome();
  sample.calls = in.calls();
  sample.order = in.order();
  sample.failure_message = Bounded(in.failure_message());
  return sample;
}

absl::StatusOr<Crossing> FromProto(const v1::Crossing& in) {
  if (std::isnan(in.length()) || std::isnan(in.low()) || std::isnan(in.high())) {
    return Bad("a crossing has a length that is no number");
  }
  return Crossing{in.length(), in.low(), in.high(), in.direction()};
}

absl::StatusOr<Comparison> FromProto(const v1::Comparison& in) {
  Comparison c;
  c.baseline = in.baseline();
  c.candidate = in.candidate();
  c.metric = in.metric();
  c.batch_size = in.batch_size();
  c.range_min = in.range_min();
  c.range_max = in.range_max();
  c.verdict = in.verdict();
  for (const v1::Crossing& crossing : in.crossings()) {
    CUSP_ASSIGN_OR_RETURN(Crossing one, FromProto(crossing));
    c.crossings.push_back(one);
  }
  if (in.has_first()) {
    CUSP_ASSIGN_OR_RETURN(c.first, FromProto(in.first()));
  }
  if (in.has_persistent()) {
    CUSP_ASSIGN_OR_RETURN(c.persistent, FromProto(in.persistent()));
  }
  c.undecided_lengths.assign(in.undecided_lengths().begin(), in.undecided_lengths().end());
  c.equal_lengths.assign(in.equal_lengths().begin(), in.equal_lengths().end());
  c.blocks_used = in.blocks_used();
  c.note = Bounded(in.note());
  return c;
}

absl::StatusOr<SelfCheck> FromProto(const v1::SelfCheck& in) {
  if (!std::isfinite(in.median_ratio()) || !std::isfinite(in.low()) || !std::isfinite(in.high())) {
    return Bad("the ratio of \"" + in.variant() + "\" to itself is no number");
  }
  return SelfCheck{.variant = in.variant(),
                   .length = in.length(),
                   .batch_size = in.batch_size(),
                   .blocks = in.blocks(),
                   .median_ratio = in.median_ratio(),
                   .low = in.low(),
                   .high = in.high(),
                   .differs = in.differs()};
}

absl::StatusOr<Cost> FromProto(const v1::Cost& in) {
  if (in.outcome() == v1::OUTCOME_OK &&
      (std::isnan(in.median()) || std::isnan(in.low()) || std::isnan(in.high()))) {
    return Bad("the cost of \"" + in.variant() + "\" at length " + std::to_string(in.length()) +
               " is no number");
  }
  Cost c;
  c.variant = in.variant();
  c.metric = in.metric();
  c.batch_size = in.batch_size();
  c.length = in.length();
  c.median = in.median();
  c.low = in.low();
  c.high = in.high();
  c.samples = in.samples();
  c.outcome = in.outcome();
  c.failure_message = Bounded(in.failure_message());
  return c;
}

void SetCost(const Cost& c, const Sweep& sweep, v1::Cost* out) {
  out->set_variant(c.variant);
  out->set_metric(static_cast<v1::Metric>(c.metric));
  out->set_mode(static_cast<v1::Mode>(sweep.mode));
  out->set_dtype(static_cast<v1::DType>(sweep.dtype));
  out->set_batch_size(c.batch_size);
  out->set_length(c.length);
  out->set_median(c.median);
  out->set_low(c.low);
  out->set_high(c.high);
  out->set_samples(c.samples);
  out->set_outcome(static_cast<v1::Outcome>(c.outcome));
  out->set_failure_message(c.failure_message);
}

void SetSelfCheck(const SelfCheck& check, const Sweep& sweep, v1::SelfCheck* out) {
  out->set_variant(check.variant);
  out->set_length(check.length);
  out->set_batch_size(check.batch_size);
  out->set_mode(static_cast<v1::Mode>(sweep.mode));
  out->set_dtype(static_cast<v1::DType>(sweep.dtype));
  out->set_blocks(check.blocks);
  out->set_median_ratio(check.median_ratio);
  out->set_low(check.low);
  out->set_high(check.high);
  out->set_differs(check.differs);
}

double FiniteOrZero(double value) { return std::isfinite(value) ? value : 0; }

}  // namespace

v1::Block ToProto(const Block& block) {
  v1::Block out;
  out.set_block(block.block);
  out.set_length(block.length);
  out.set_batch_size(block.batch_size);
  out.set_steal_share(block.steal_share);
  out.set_others_share(block.others_share);
  out.set_wait_share(block.wait_share);
  out.set_involuntary_switches(block.involuntary_switches);
  out.set_major_faults(block.major_faults);
  out.set_allocator_retries(block.allocator_retries);
  out.set_device_clock_mhz(block.device_clock_mhz);
  out.set_clock_limits(block.clock_limits);
  out.set_device_others(block.device_others);
  for (const Sample& sample : block.samples) {
    v1::Sample* one = out.add_samples();
    one->set_variant(sample.variant);
    one->set_metric(static_cast<v1::Metric>(sample.metric));
    one->set_value(sample.value);
    one->set_outcome(static_cast<v1::Outcome>(sample.outcome));
    one->set_calls(sample.calls);
    one->set_order(sample.order);
    one->set_failure_message(sample.failure_message);
  }
  return out;
}

v1::Comparison ToProto(const Comparison& c, const Sweep& sweep) {
  v1::Comparison out;
  out.set_baseline(c.baseline);
  out.set_candidate(c.candidate);
  out.set_metric(static_cast<v1::Metric>(c.metric));
  out.set_mode(static_cast<v1::Mode>(sweep.mode));
  out.set_dtype(static_cast<v1::DType>(sweep.dtype));
  out.set_batch_size(c.batch_size);
  out.set_range_min(c.range_min);
  out.set_range_max(c.range_max);
  out.set_verdict(static_cast<v1::Verdict>(c.verdict));
  for (const Crossing& crossing : c.crossings) {
    SetCrossing(crossing, out.add_crossings());
  }
  if (c.first) {
    SetCrossing(*c.first, out.mutable_first());
  }
  if (c.persistent) {
    SetCrossing(*c.persistent, out.mutable_persistent());
  }
  out.mutable_undecided_lengths()->Add(c.undecided_lengths.begin(), c.undecided_lengths.end());
  out.mutable_equal_lengths()->Add(c.equal_lengths.begin(), c.equal_lengths.end());
  out.set_blocks_used(c.blocks_used);
  out.set_note(c.note);
  return out;
}

void AppendResult(const SweepResult& result, const Sweep& sweep, v1::JobResult* out) {
  for (const Comparison& comparison : result.comparisons) {
    *out->add_comparisons() = ToProto(comparison, sweep);
  }
  for (const Cost& cost : result.costs) {
    SetCost(cost, sweep, out->add_costs());
  }
  if (result.self_check) {
    SetSelfCheck(*result.self_check, sweep, out->add_self_checks());
  }
}

absl::StatusOr<Block> FromProto(const v1::Block& in) {
  const std::string where = "block " + std::to_string(in.block());
  if (in.block() < 1 || in.length() < 1 || in.batch_size() < 0) {
    return Bad(where + ": block and length count from 1, batch_size from 0");
  }
  if (in.samples().empty()) {
    return Bad(where + " has no samples");
  }
  Block block;
  block.block = in.block();
  block.length = in.length();
  block.batch_size = in.batch_size();
  block.steal_share = FiniteOrZero(in.steal_share());
  block.others_share = FiniteOrZero(in.others_share());
  block.wait_share = FiniteOrZero(in.wait_share());
  block.involuntary_switches = in.involuntary_switches();
  block.major_faults = in.major_faults();
  block.allocator_retries = in.allocator_retries();
  block.device_clock_mhz = in.device_clock_mhz();
  block.clock_limits = in.clock_limits();
  block.device_others = in.device_others();
  std::set<std::pair<std::string_view, int>> seen;
  for (const v1::Sample& sample : in.samples()) {
    if (!seen.emplace(sample.variant(), sample.metric()).second) {
      return Bad(where + " has variant \"" + sample.variant() + "\" twice in one metric");
    }
    CUSP_ASSIGN_OR_RETURN(Sample one, FromProto(sample, in.block()));
    block.samples.push_back(std::move(one));
  }
  return block;
}

absl::StatusOr<SweepResult> FromProto(const v1::SweepResult& in) {
  SweepResult result;
  for (const v1::Comparison& comparison : in.comparisons()) {
    CUSP_ASSIGN_OR_RETURN(Comparison one, FromProto(comparison));
    result.comparisons.push_back(std::move(one));
  }
  for (const v1::Cost& cost : in.costs()) {
    CUSP_ASSIGN_OR_RETURN(Cost one, FromProto(cost));
    result.costs.push_back(std::move(one));
  }
  if (in.has_self_check()) {
    CUSP_ASSIGN_OR_RETURN(result.self_check, FromProto(in.self_check()));
  }
  CUSP_ASSIGN_OR_RETURN(result.device_speed, FromProto(in.device_speed()));
  return result;
}

}  // namespace cusp::server
