#include "worker/measure/block_runner.h"

#include <algorithm>
#include <string>
#include <utility>

#include "catalog/decoding.h"
#include "common/status_macros.h"
#include "worker/measure/outcome.h"
#include "worker/measure/warmup.h"

namespace cusp::measure {
namespace {

constexpr double kSlowestOfExpected = 50;
// For the first step of a variant, and for builds.
constexpr int kUnknownTimeouts = 20;

// A cache is filled by so many tokens at once: few passes, and scores that fit where
// those of a whole long context would not.
constexpr int64_t kFillTokens = 2048;
constexpr int kMostFirstTokens = 8;

double SecondsPerCall(const runner::v1::StepResult& result, int32_t calls) {
  return static_cast<double>(result.duration_ns()) * 1e-9 / calls;
}

void SetFailure(const absl::Status& status, v1::Sample& sample) {
  sample.set_outcome(OutcomeOf(status));
  sample.set_failure_message(std::string(status.message()));
}

}  // namespace

BlockRunner::BlockRunner(const SweepSetup& setup, RunnerSession& session, PointTable& points,
                         const SweepHost& host, BlockRunnerOptions options)
    : setup_(setup), session_(session), points_(points), host_(host), options_(options) {}

runner::v1::Step BlockRunner::StepFor(const PointKey& key, int32_t calls) const {
  runner::v1::Step step;
  step.set_variant(static_cast<int32_t>(key.variant));
  step.set_length(key.length);
  step.set_batch_size(key.batch_size);
  step.set_calls(calls);
  if (decodes()) {
    step.set_reach(catalog::DecodeReach(key.length));
    step.set_fill_tokens(kFillTokens);
  }
  return step;
}

Clock::Duration BlockRunner::Timeout(const std::vector<PointKey>& keys) const {
  double seconds = 0;
  for (const PointKey& key : keys) {
    const double expected = points_.ExpectedSeconds(key);
    if (expected == 0) {
      return std::clamp(time_left_, options_.call_timeout,
                        options_.call_timeout * kUnknownTimeouts);
    }
    seconds += kSlowestOfExpected * expected * points_.Calls(key);
    if (decodes()) {
      // Filling the cache takes no longer than decoding all of it would.
      seconds += expected * static_cast<double>(key.length) * points_.Calls(key);
    }
  }
  const auto wanted = std::chrono::duration_cast<Clock::Duration>(
      std::chrono::duration<double>(std::min(seconds, 1e6)));
  return std::max(wanted, options_.call_timeout);
}

absl::Status BlockRunner::EnsureReady() {
  if (host_.Stop() == StopRequest::kNow) {
    return absl::CancelledError("stopped");
  }
  return session_.EnsureReady(options_.call_timeout * kUnknownTimeouts);
}

absl::Status BlockRunner::WarmUp(const PointKey& key) {
  Warmup warmup;
  while (points_.Usable(key).ok()) {
    CUSP_RETURN_IF_ERROR(EnsureReady());
    if (points_.IsWarm(key, session_.generation())) {
      break;
    }
    const int64_t generation = session_.generation();
    const auto response = session_.Run({StepFor(key, 1)}, Timeout({key}));
    absl::Status status = response.status();
    if (status.ok() && response->results(0).has_failure()) {
      status = ToStatus(response->results(0).failure());
    }
    if (!status.ok()) {
      points_.Failed(key, status);
      warmup = Warmup();
      continue;
    }
    warmup.Add(SecondsPerCall(response->results(0), 1));
    if (warmup.Done()) {
      points_.Warmed(key, warmup.best(), CallsPerSample(warmup.best(), options_.sample_seconds),
                     generation);
    }
  }
  return absl::OkStatus();
}

// Nothing where the runner died.
absl::StatusOr<std::optional<BlockRunner::Results>> BlockRunner::RunSteps(
    const std::vector<PointKey>& keys) {
  CUSP_RETURN_IF_ERROR(EnsureReady());
  std::vector<runner::v1::Step> steps;
  for (const PointKey& key : keys) {
    steps.push_back(StepFor(key, points_.Calls(key)));
  }
  auto response = session_.Run(steps, Timeout(keys));
  if (!response.ok()) {
    if (keys.size() == 1 && host_.Stop() != StopRequest::kNow) {
      points_.Failed(keys[0], response.status());
    }
    return std::nullopt;
  }
  return Results(response->results().begin(), response->results().end());
}

absl::StatusOr<std::optional<BlockRunner::Results>> BlockRunner::RunOneByOne(
    const std::vector<PointKey>& keys) {
  Results all;
  for (const PointKey& key : keys) {
    CUSP_ASSIGN_OR_RETURN(const std::optional<Results> one, RunSteps({key}));
    if (!one) {
      return std::nullopt;
    }
    all.push_back(one->front());
  }
  return all;
}

v1::Block BlockRunner::MakeBlock(const std::vector<PointKey>& planned,
                                 const std::vector<PointKey>& measured,
                                 const Results& results) const {
  v1::Block block;
  block.set_length(planned.front().length);
  block.set_batch_size(planned.front().batch_size);
  for (size_t order = 0; order < planned.size(); ++order) {
    const PointKey& key = planned[order];
    v1::Sample& sample = *block.add_samples();
    sample.set_variant(setup_.variants[key.variant].name);
    sample.set_metric(v1::METRIC_LATENCY);
    sample.set_order(static_cast<int32_t>(order));
    const absl::Status usable = points_.Usable(key);
    const auto at = std::find(measured.begin(), measured.end(), key);
    if (!usable.ok() || at == measured.end()) {
      SetFailure(usable, sample);
      continue;
    }
    const int32_t calls = points_.Calls(key);
    sample.set_calls(calls);
    sample.set_value(SecondsPerCall(results[static_cast<size_t>(at - measured.begin())], calls));
    sample.set_outcome(v1::OUTCOME_OK);
  }
  return block;
}

void BlockRunner::AddFirstTokens(const std::vector<PointKey>& keys, v1::Block& block) {
  for (const PointKey& key : keys) {
    if (!points_.Usable(key).ok() || points_.FirstTokens(key) >= kMostFirstTokens ||
        !EnsureReady().ok()) {
      continue;
    }
    // Tried or not: what dies of it is not asked for ever.
    points_.FirstTokenTaken(key);
    runner::v1::Step step = StepFor(key, 1);
    step.set_fill_tokens(0);
    step.set_first_token(true);
    const auto response = session_.Run({step}, Timeout({key}));
    if (!response.ok() || response->results(0).has_failure()) {
      continue;
    }
    v1::Sample& sample = *block.add_samples();
    sample.set_variant(setup_.variants[key.variant].name);
    sample.set_metric(v1::METRIC_FIRST_TOKEN);
    sample.set_order(block.samples_size() - 1);
    sample.set_calls(1);
    sample.set_value(SecondsPerCall(response->results(0), 1));
    sample.set_outcome(v1::OUTCOME_OK);
  }
}

absl::StatusOr<v1::Block> BlockRunner::Measure(const analysis::PlannedBlock& planned,
                                               int32_t batch_size, Clock::Duration time_left) {
  time_left_ = time_left;
  std::vector<PointKey> keys;
  for (const size_t variant : planned.variants) {
    keys.push_back({.variant = variant, .length = planned.length, .batch_size = batch_size});
  }
  CUSP_ASSIGN_OR_RETURN(v1::Block block, MeasureSteps(keys));
  if (decodes()) {
    AddFirstTokens(keys, block);
  }
  return block;
}

absl::StatusOr<v1::Block> BlockRunner::MeasureSteps(const std::vector<PointKey>& keys) {
  bool one_by_one = false;
  // Each round measures everything or counts a failure of some point, and a
  // point fails at most three times.
  while (true) {
    std::vector<PointKey> live;
    for (const PointKey& key : keys) {
      CUSP_RETURN_IF_ERROR(WarmUp(key));
    }
    std::copy_if(keys.begin(), keys.end(), std::back_inserter(live),
                 [this](const PointKey& key) { return points_.Usable(key).ok(); });
    if (live.empty()) {
      return MakeBlock(keys, live, {});
    }
    CUSP_ASSIGN_OR_RETURN(const std::optional<Results> results,
                          one_by_one ? RunOneByOne(live) : RunSteps(live));
    if (!results) {
      one_by_one = true;
      continue;
    }
    bool complete = true;
    for (size_t i = 0; i < live.size(); ++i) {
      const runner::v1::StepResult& result = (*results)[i];
      if (result.has_failure()) {
        const absl::Status status = ToStatus(result.failure());
        points_.Failed(live[i], status);
        complete = complete && !IsTransient(status);
      }
    }
    if (complete) {
      return MakeBlock(keys, live, *results);
    }
  }
}

}  // namespace cusp::measure
