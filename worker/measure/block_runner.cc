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

}  // namespace

BlockRunner::BlockRunner(const SweepSetup& setup, RunnerSession& session, PointTable& points,
                         const SweepHost& host, BlockRunnerOptions options)
    : setup_(setup),
      session_(session),
      points_(points),
      host_(host),
      options_(std::move(options)),
      noise_(options_.noise) {}

runner::v1::Step BlockRunner::StepFor(const PointKey& key, int32_t calls) const {
  runner::v1::Step step;
  step.set_variant(static_cast<int32_t>(key.variant));
  step.set_length(key.length);
  step.set_batch_size(key.batch_size);
  step.set_calls(calls);
  if (setup_.target.mode == v1::MODE_DECODE) {
    step.set_reach(catalog::DecodeReach(key.length));
    step.set_fill_tokens(kFillTokens);
  }
  return step;
}

Clock::Duration BlockRunner::Timeout(const std::vector<PointKey>& keys,
                                     const std::vector<int32_t>& calls) const {
  double seconds = 0;
  for (size_t i = 0; i < keys.size(); ++i) {
    const double expected = points_.ExpectedSeconds(keys[i]);
    if (expected == 0) {
      return std::clamp(time_left_, options_.call_timeout,
                        options_.call_timeout * kUnknownTimeouts);
    }
    seconds += kSlowestOfExpected * expected * calls[i];
    if (setup_.target.mode == v1::MODE_DECODE) {
      // Filling the cache takes no longer than decoding all of it would.
      seconds += expected * static_cast<double>(keys[i].length) * calls[i];
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
    const auto response = session_.Run({StepFor(key, 1)}, Timeout({key}, {1}));
    absl::Status status = response.status();
    if (status.ok() && response->results(0).has_failure()) {
      status = ToStatus(response->results(0).failure());
    }
    if (!status.ok()) {
      points_.Failed(key, status);
      warmup = Warmup();
      continue;
    }
    warmup.Add(static_cast<double>(response->results(0).duration_ns()) * 1e-9);
    if (warmup.Done()) {
      points_.Warmed(key, warmup.best(), CallsPerSample(warmup.best(), options_.sample_seconds),
                     generation);
    }
  }
  return absl::OkStatus();
}

// Nothing where the runner died.
absl::StatusOr<std::optional<BlockRunner::Results>> BlockRunner::Run(const Request& request) {
  CUSP_RETURN_IF_ERROR(EnsureReady());
  std::vector<runner::v1::Step> steps;
  std::vector<int32_t> calls(request.keys.size(), 0);
  for (const TimedSteps& timed : request.steps) {
    steps.push_back(StepFor(request.keys[timed.point], timed.calls));
    steps.back().set_each_call(timed.each_call);
    calls[timed.point] += timed.calls;
  }
  noise_.Start();
  auto response = session_.Run(steps, Timeout(request.keys, calls));
  if (!response.ok()) {
    if (request.keys.size() == 1 && host_.Stop() != StopRequest::kNow) {
      points_.Failed(request.keys[0], response.status());
    }
    return std::nullopt;
  }
  noise_.Finish(*response);
  return Results(response->results().begin(), response->results().end());
}

absl::StatusOr<std::optional<BlockRunner::Results>> BlockRunner::RunOneByOne(
    const Request& request) {
  Results all(request.steps.size());
  for (size_t point = 0; point < request.keys.size(); ++point) {
    Request alone{.keys = {request.keys[point]}, .steps = {}};
    std::vector<size_t> places;
    for (size_t i = 0; i < request.steps.size(); ++i) {
      if (request.steps[i].point == point) {
        alone.steps.push_back(request.steps[i]);
        alone.steps.back().point = 0;
        places.push_back(i);
      }
    }
    CUSP_ASSIGN_OR_RETURN(std::optional<Results> results, Run(alone));
    if (!results) {
      return std::nullopt;
    }
    for (size_t i = 0; i < places.size(); ++i) {
      all[places[i]] = std::move((*results)[i]);
    }
  }
  return all;
}

// False where a point failed in a way that another try may mend.
bool BlockRunner::CountFailures(const Request& request, const Results& results) {
  bool complete = true;
  std::vector<bool> failed(request.keys.size(), false);
  for (size_t i = 0; i < results.size(); ++i) {
    const size_t point = request.steps[i].point;
    if (results[i].has_failure() && !failed[point]) {
      const absl::Status status = ToStatus(results[i].failure());
      points_.Failed(request.keys[point], status);
      complete = complete && !IsTransient(status);
      failed[point] = true;
    }
  }
  return complete;
}

v1::Block BlockRunner::MakeBlock(const Planned& planned, const SampleShape& shape,
                                 const Request& request, const Results& results) const {
  v1::Block block;
  block.set_length(planned.keys.front().length);
  block.set_batch_size(planned.keys.front().batch_size);
  std::vector<v1::Sample> beside;
  // What was measured is what was planned, without some.
  size_t next = 0;
  for (size_t order = 0; order < planned.keys.size(); ++order) {
    const PointKey& key = planned.keys[order];
    const size_t point = next;
    const bool taken = point < request.keys.size() && request.keys[point] == key;
    next += taken ? 1 : 0;
    const absl::Status usable = points_.Usable(key);
    const bool again = order == planned.again;
    if (again && (!taken || !usable.ok())) {
      continue;
    }
    v1::Sample& sample = *block.add_samples();
    sample.set_variant(setup_.variants[key.variant].name);
    sample.set_metric(again ? v1::METRIC_SAME_AGAIN : shape.metric());
    sample.set_order(static_cast<int32_t>(order));
    if (!taken || !usable.ok()) {
      SetFailure(usable, sample);
      continue;
    }
    const std::vector<SampleShape::Timing> timings = TimingsOf(point, request, results);
    shape.Fill(timings, sample);
    sample.set_outcome(v1::OUTCOME_OK);
    for (v1::Sample& more : again ? std::vector<v1::Sample>() : shape.Beside(timings)) {
      more.set_variant(sample.variant());
      more.set_order(sample.order());
      more.set_outcome(v1::OUTCOME_OK);
      beside.push_back(std::move(more));
    }
  }
  for (v1::Sample& more : beside) {
    *block.add_samples() = std::move(more);
  }
  noise_.Describe(block);
  return block;
}

std::vector<SampleShape::Timing> BlockRunner::TimingsOf(size_t point, const Request& request,
                                                        const Results& results) {
  std::vector<SampleShape::Timing> timings;
  for (size_t i = 0; i < results.size(); ++i) {
    if (request.steps[i].point == point) {
      timings.push_back({.calls = request.steps[i].calls,
                         .batch_size = request.keys[point].batch_size,
                         .result = &results[i]});
    }
  }
  return timings;
}

absl::StatusOr<v1::Block> BlockRunner::Measure(const std::vector<PointKey>& keys,
                                               const SampleShape& shape,
                                               std::optional<size_t> again) {
  const Planned planned{.keys = keys, .again = again};
  noise_.Reset();
  bool one_by_one = false;
  // Each round measures everything or counts a failure of some point, and a
  // point fails at most three times.
  while (true) {
    Request request;
    std::vector<int32_t> calls;
    for (const PointKey& key : keys) {
      CUSP_RETURN_IF_ERROR(WarmUp(key));
    }
    for (const PointKey& key : keys) {
      if (points_.Usable(key).ok()) {
        request.keys.push_back(key);
        calls.push_back(points_.Calls(key));
      }
    }
    if (request.keys.empty()) {
      return MakeBlock(planned, shape, request, {});
    }
    request.steps = shape.Steps(calls);
    CUSP_ASSIGN_OR_RETURN(const std::optional<Results> results,
                          one_by_one ? RunOneByOne(request) : Run(request));
    if (!results) {
      one_by_one = true;
    } else if (CountFailures(request, *results)) {
      return MakeBlock(planned, shape, request, *results);
    }
  }
}

}  // namespace cusp::measure
