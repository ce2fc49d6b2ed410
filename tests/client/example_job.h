// A job and its result, for tests of what the client prints.
#pragma once

#include <string>

#include "catalog/job_check.h"
#include "cusp/v1/job.pb.h"
#include "cusp/v1/result.pb.h"

namespace cusp::client {

inline v1::Crossing MakeCrossing(double length, double low, double high,
                                 v1::Direction direction = v1::DIRECTION_CHEAPER) {
  v1::Crossing crossing;
  crossing.set_length(length);
  crossing.set_low(low);
  crossing.set_high(high);
  crossing.set_direction(direction);
  return crossing;
}

// longformer against bert in latency: crosses at 1,180.
inline v1::Comparison CrossingComparison() {
  v1::Comparison comparison;
  comparison.set_baseline("bert");
  comparison.set_candidate("longformer");
  comparison.set_metric(v1::METRIC_LATENCY);
  comparison.set_mode(v1::MODE_INFERENCE);
  comparison.set_dtype(v1::DTYPE_FLOAT32);
  comparison.set_batch_size(1);
  comparison.set_range_min(64);
  comparison.set_range_max(4096);
  comparison.set_verdict(v1::VERDICT_CROSSES);
  *comparison.add_crossings() = MakeCrossing(1180, 1110, 1240);
  *comparison.mutable_first() = MakeCrossing(1180, 1110, 1240);
  *comparison.mutable_persistent() = MakeCrossing(1180, 1110, 1240);
  comparison.set_blocks_used(312);
  return comparison;
}

// The same pair in peak memory: never cheaper.
inline v1::Comparison NeverComparison() {
  v1::Comparison comparison = CrossingComparison();
  comparison.set_metric(v1::METRIC_PEAK_MEMORY);
  comparison.set_verdict(v1::VERDICT_NEVER);
  comparison.clear_crossings();
  comparison.clear_first();
  comparison.clear_persistent();
  comparison.set_blocks_used(12);
  comparison.set_note("the budget was spent");
  return comparison;
}

inline v1::Cost MakeCost(const std::string& variant, v1::Metric metric, int64_t length,
                         double value) {
  v1::Cost cost;
  cost.set_variant(variant);
  cost.set_metric(metric);
  cost.set_mode(v1::MODE_INFERENCE);
  cost.set_dtype(v1::DTYPE_FLOAT32);
  cost.set_batch_size(1);
  cost.set_length(length);
  cost.set_median(value);
  cost.set_low(value * 0.5);
  cost.set_high(value * 2);
  cost.set_samples(20);
  cost.set_outcome(v1::OUTCOME_OK);
  return cost;
}

inline v1::Job ExampleJob() {
  v1::Job job;
  job.set_name("jobs/k3f9x2a1bc");
  job.set_display_name("text-encoders");
  job.set_state(v1::Job::STATE_SUCCEEDED);
  job.set_owner("maria");
  job.set_sweeps_ended(1);
  job.set_sweeps_total(1);
  job.mutable_create_time()->set_seconds(1'767'225'600);
  job.mutable_start_time()->set_seconds(1'767'225'601);
  job.mutable_end_time()->set_seconds(1'767'225'653);
  job.mutable_spec()->mutable_lengths()->set_unit(v1::LENGTH_UNIT_TOKENS);
  v1::Sweep* sweep = job.add_sweeps();
  sweep->set_name("jobs/k3f9x2a1bc/sweeps/1");
  sweep->set_mode(v1::MODE_INFERENCE);
  sweep->set_dtype(v1::DTYPE_FLOAT32);
  sweep->set_state(v1::Sweep::STATE_SUCCEEDED);
  sweep->set_attempt(1);
  sweep->set_worker("workers/local");
  sweep->set_blocks_committed(324);
  sweep->mutable_provenance()->set_device_class("Fast CPU");
  sweep->mutable_provenance()->set_device("cpu");
  sweep->mutable_provenance()->set_host("lab1");
  sweep->mutable_provenance()->set_threads(1);
  return job;
}

// hubert and l_hubert from 0.5 to 30 s, as the job's spec has them.
inline v1::Job SpeechJob() {
  v1::Job job = ExampleJob();
  v1::JobSpec& spec = *job.mutable_spec();
  spec.Clear();
  spec.add_baselines()->set_model("hubert");
  spec.add_candidates()->set_model("l_hubert");
  spec.mutable_lengths()->set_min(8000);
  spec.mutable_lengths()->set_max(480'000);
  catalog::ApplyDefaults(spec);
  return job;
}

// Its comparison in latency: crosses at 3.26 s.
inline v1::Comparison SpeechComparison() {
  v1::Comparison comparison = CrossingComparison();
  comparison.set_baseline("hubert");
  comparison.set_candidate("l_hubert");
  comparison.set_range_min(8000);
  comparison.set_range_max(480'000);
  *comparison.mutable_crossings(0) = MakeCrossing(52'160, 46'560, 57'920);
  *comparison.mutable_first() = comparison.crossings(0);
  *comparison.mutable_persistent() = comparison.crossings(0);
  return comparison;
}

// bert against itself, without a difference.
inline v1::SelfCheck ExampleSelfCheck() {
  v1::SelfCheck check;
  check.set_variant("bert");
  check.set_length(128);
  check.set_batch_size(1);
  check.set_mode(v1::MODE_INFERENCE);
  check.set_dtype(v1::DTYPE_FLOAT32);
  check.set_blocks(8);
  check.set_median_ratio(1.002);
  check.set_low(0.996);
  check.set_high(1.009);
  return check;
}

inline v1::JobResult ExampleResult() {
  v1::JobResult result;
  result.set_job("jobs/k3f9x2a1bc");
  result.set_state(v1::Job::STATE_SUCCEEDED);
  result.set_complete(true);
  *result.add_comparisons() = CrossingComparison();
  *result.add_comparisons() = NeverComparison();
  *result.add_costs() = MakeCost("bert", v1::METRIC_LATENCY, 64, 0.00125);
  *result.add_costs() = MakeCost("longformer", v1::METRIC_LATENCY, 64, 0.0025);
  *result.add_costs() = MakeCost("bert", v1::METRIC_LATENCY, 4096, 0.25);
  *result.add_costs() = MakeCost("longformer", v1::METRIC_LATENCY, 4096, 0.125);
  *result.add_costs() = MakeCost("bert", v1::METRIC_PEAK_MEMORY, 64, 25165824);
  *result.add_costs() = MakeCost("longformer", v1::METRIC_PEAK_MEMORY, 64, 50331648);
  v1::Cost oom = MakeCost("bert", v1::METRIC_PEAK_MEMORY, 4096, 0);
  oom.set_outcome(v1::OUTCOME_OUT_OF_MEMORY);
  *result.add_costs() = oom;
  v1::Cost crashed = MakeCost("longformer", v1::METRIC_PEAK_MEMORY, 4096, 0);
  crashed.set_outcome(v1::OUTCOME_CRASHED);
  crashed.set_failure_message("killed by signal 11");
  *result.add_costs() = crashed;
  return result;
}

// CrossingComparison() in the history, with a crossing at `length` ± 10 %.
inline v1::HistoryEntry ExampleEntry(const std::string& job, double length) {
  v1::HistoryEntry entry;
  *entry.mutable_comparison() = CrossingComparison();
  *entry.mutable_comparison()->mutable_crossings(0) =
      MakeCrossing(length, length * 0.9, length * 1.1);
  *entry.mutable_comparison()->mutable_persistent() = entry.comparison().crossings(0);
  entry.set_job("jobs/" + job);
  entry.set_display_name("text-encoders");
  entry.mutable_end_time()->set_seconds(1'767'225'653);
  entry.set_unit(v1::LENGTH_UNIT_TOKENS);
  entry.set_series("same");
  entry.mutable_provenance()->set_id("0a1b2c3d");
  entry.mutable_provenance()->set_device_class("Fast CPU");
  entry.mutable_provenance()->set_device("cpu");
  entry.mutable_provenance()->set_threads(2);
  entry.mutable_provenance()->set_torch_version("2.11.0");
  entry.mutable_provenance()->set_cusp_version("0.1.0");
  return entry;
}

}  // namespace cusp::client
