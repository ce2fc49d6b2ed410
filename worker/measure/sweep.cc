#include "worker/measure/sweep.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "common/status_macros.h"
#include "google/protobuf/util/time_util.h"
#include "worker/measure/budget.h"
#include "worker/measure/memory_probe.h"
#include "worker/measure/noise.h"
#include "worker/measure/outcome.h"
#include "worker/measure/plan.h"
#include "worker/measure/progress.h"
#include "worker/measure/runner_session.h"
#include "worker/measure/sweep_result.h"

namespace cusp::measure {
namespace {

constexpr Clock::Duration kDefaultBudget = std::chrono::minutes(10);
// Of a probe, before anything was started.
constexpr Clock::Duration kUnknownProbe = std::chrono::seconds(1);
constexpr int kProbeTimeouts = 20;

Clock::Duration BudgetOf(const v1::JobSpec& spec) {
  const int64_t nanos = google::protobuf::util::TimeUtil::DurationToNanoseconds(spec.budget());
  return nanos > 0 ? Clock::Duration(nanos) : kDefaultBudget;
}

// Time inside the samples that earlier attempts took; their warm-up and their
// starts are not known.
Clock::Duration SpentOn(const std::vector<v1::Block>& blocks) {
  double seconds = 0;
  for (const v1::Block& block : blocks) {
    for (const v1::Sample& sample : block.samples()) {
      if (sample.metric() == v1::METRIC_LATENCY && sample.outcome() == v1::OUTCOME_OK) {
        seconds += sample.value() * sample.calls();
      }
    }
  }
  return std::chrono::duration_cast<Clock::Duration>(
      std::chrono::duration<double>(std::min(seconds, 1e9)));
}

absl::StatusOr<std::deque<Plan>> MakePlans(const SweepSetup& setup) {
  const v1::JobSpec& spec = setup.target.spec;
  std::deque<Plan> plans;
  for (const v1::Metric metric : {v1::METRIC_LATENCY, v1::METRIC_PEAK_MEMORY}) {
    if (std::find(spec.metrics().begin(), spec.metrics().end(), metric) == spec.metrics().end()) {
      continue;
    }
    for (const int32_t batch_size : spec.batch_sizes()) {
      plans.emplace_back(setup, metric, batch_size);
    }
  }
  for (const int metric : spec.metrics()) {
    if (metric != v1::METRIC_LATENCY && metric != v1::METRIC_PEAK_MEMORY) {
      return absl::InvalidArgumentError("metric '" + catalog::ToText(v1::Metric(metric)) +
                                        "' cannot be measured by this worker");
    }
  }
  return plans;
}

// The state of one sweep while it runs.
class Sweep {
 public:
  Sweep(const SweepOptions& options, const SweepDependencies& dependencies, const SweepSetup& setup,
        std::deque<Plan> plans)
      : options_(options),
        host_(dependencies.host),
        clock_(dependencies.clock),
        setup_(setup),
        plans_(std::move(plans)),
        points_(setup_),
        session_(setup_, dependencies.launcher, host_, clock_),
        blocks_(setup_, session_, points_, host_, options.blocks),
        probe_(setup_, dependencies.launcher, host_, options.probes_at_once),
        noise_(options.proc_stat),
        progress_(plans_, clock_),
        budget_(clock_, BudgetOf(options.target.spec), SpentOn(options.committed)),
        next_block_(options.last_block + 1) {}

  SweepEnd Run();

 private:
  absl::Status Measure();
  absl::Status MeasureLatency(Plan& plan, Clock::Monotonic end);
  absl::Status MeasureMemory(Plan& plan, Clock::Monotonic end);
  absl::Status Commit(Plan& plan, v1::Block block, Clock::Monotonic begin);
  absl::StatusOr<v1::Block> ProbeBlock(const analysis::PlannedBlock& planned, int32_t batch_size);
  void Report(const Plan& plan, int64_t length);
  Clock::Duration MemoryReserve() const;
  int Count(v1::Metric metric) const;
  void Restore();

  const SweepOptions& options_;
  SweepHost& host_;
  const Clock& clock_;
  const SweepSetup& setup_;
  std::deque<Plan> plans_;
  PointTable points_;
  RunnerSession session_;
  BlockRunner blocks_;
  MemoryProbe probe_;
  NoiseGate noise_;
  ProgressMeter progress_;
  Budget budget_;
  int64_t next_block_;
};

void Sweep::Restore() {
  for (const v1::Block& block : options_.committed) {
    for (Plan& plan : plans_) {
      if (plan.Owns(block)) {
        plan.Add(block);
      }
    }
    if (block.samples_size() > 0 && block.samples(0).metric() == v1::METRIC_LATENCY) {
      points_.Restore(block);
    }
    next_block_ = std::max(next_block_, block.block() + 1);
  }
}

int Sweep::Count(v1::Metric metric) const {
  return static_cast<int>(std::count_if(plans_.begin(), plans_.end(), [metric](const Plan& plan) {
    return plan.metric() == metric;
  }));
}

Clock::Duration Sweep::MemoryReserve() const {
  // A probe starts a process, builds one variant and runs one step; starting
  // the main runner with all of them takes longer than that.
  const auto rounds = (static_cast<int64_t>(setup_.variants.size()) + options_.probes_at_once - 1) /
                      options_.probes_at_once;
  const Clock::Duration each = std::max(session_.start_time(), kUnknownProbe);
  Clock::Duration reserve{0};
  for (const Plan& plan : plans_) {
    if (plan.metric() == v1::METRIC_PEAK_MEMORY) {
      reserve += progress_.TimeLeft(plan, each * rounds);
    }
  }
  return reserve;
}

void Sweep::Report(const Plan& plan, int64_t length) {
  const std::string phase = catalog::ToText(plan.metric());
  host_.Report(progress_.Make(length, phase, budget_.Left()));
}

absl::Status Sweep::Commit(Plan& plan, v1::Block block, Clock::Monotonic begin) {
  block.set_block(next_block_);
  CUSP_RETURN_IF_ERROR(host_.Commit(block));
  ++next_block_;
  plan.Add(block);
  progress_.BlockTook(plan, clock_.Now() - begin);
  return absl::OkStatus();
}

absl::Status Sweep::MeasureLatency(Plan& plan, Clock::Monotonic end) {
  while (const auto planned = plan.Next()) {
    if (host_.Stop() != StopRequest::kNone) {
      return absl::CancelledError("stopped");
    }
    const Clock::Monotonic begin = clock_.Now();
    if (begin >= end) {
      return absl::OkStatus();
    }
    Report(plan, planned->length);
    noise_.Start();
    CUSP_ASSIGN_OR_RETURN(v1::Block block,
                          blocks_.Measure(*planned, plan.batch_size(), budget_.Left()));
    block.set_steal_share(noise_.Finish());
    if (noise_.ShouldDiscard()) {
      plan.Discard(planned->length);
    } else {
      CUSP_RETURN_IF_ERROR(Commit(plan, std::move(block), begin));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Block> Sweep::ProbeBlock(const analysis::PlannedBlock& planned,
                                            int32_t batch_size) {
  v1::Block block;
  block.set_length(planned.length);
  block.set_batch_size(batch_size);
  const auto results = probe_.Run(planned.variants, planned.length, batch_size,
                                  options_.blocks.call_timeout * kProbeTimeouts);
  for (const ProbeResult& result : results) {
    if (absl::IsCancelled(result.status)) {
      return result.status;
    }
    v1::Sample& sample = *block.add_samples();
    sample.set_variant(setup_.variants[result.variant].name);
    sample.set_metric(v1::METRIC_PEAK_MEMORY);
    sample.set_order(block.samples_size() - 1);
    sample.set_outcome(OutcomeOf(result.status));
    if (result.status.ok()) {
      sample.set_value(static_cast<double>(result.peak_bytes));
      sample.set_calls(1);
    } else {
      sample.set_failure_message(std::string(result.status.message()));
    }
  }
  return block;
}

absl::Status Sweep::MeasureMemory(Plan& plan, Clock::Monotonic end) {
  while (const auto planned = plan.Next()) {
    if (host_.Stop() != StopRequest::kNone) {
      return absl::CancelledError("stopped");
    }
    const Clock::Monotonic begin = clock_.Now();
    if (begin >= end) {
      return absl::OkStatus();
    }
    Report(plan, planned->length);
    CUSP_ASSIGN_OR_RETURN(v1::Block block, ProbeBlock(*planned, plan.batch_size()));
    CUSP_RETURN_IF_ERROR(Commit(plan, std::move(block), begin));
  }
  return absl::OkStatus();
}

absl::Status Sweep::Measure() {
  int stages = Count(v1::METRIC_LATENCY);
  for (Plan& plan : plans_) {
    if (plan.metric() == v1::METRIC_LATENCY) {
      if (plan.Next()) {
        // Before the time is shared out: how long a start takes decides what
        // has to be kept for the probes.
        CUSP_RETURN_IF_ERROR(session_.EnsureReady(options_.blocks.call_timeout * kProbeTimeouts));
      }
      CUSP_RETURN_IF_ERROR(MeasureLatency(plan, budget_.StageEnd(stages--, MemoryReserve())));
    }
  }
  // The probes get the memory and the cores that the main runner held.
  session_.Close();
  stages = Count(v1::METRIC_PEAK_MEMORY);
  for (Plan& plan : plans_) {
    if (plan.metric() == v1::METRIC_PEAK_MEMORY) {
      CUSP_RETURN_IF_ERROR(
          MeasureMemory(plan, budget_.StageEnd(stages--, Clock::Duration::zero())));
    }
  }
  return absl::OkStatus();
}

SweepEnd Sweep::Run() {
  Restore();
  const absl::Status status = Measure();
  session_.Close();
  SweepEnd end;
  if (absl::IsCancelled(status) || host_.Stop() == StopRequest::kNow) {
    return end;
  }
  end.result = MakeResult(plans_, budget_.total());
  if (!status.ok()) {
    end.kind = SweepEnd::Kind::kFailed;
    end.failure = FailureOf(status);
  } else if (const auto failure =
                 FailureOfResult(end.result, setup_.target.spec.lengths().unit())) {
    end.kind = SweepEnd::Kind::kFailed;
    end.failure = *failure;
  } else {
    end.kind = SweepEnd::Kind::kSucceeded;
  }
  return end;
}

}  // namespace

SweepEnd RunSweep(const SweepOptions& options, const SweepDependencies& dependencies) {
  SweepEnd failed;
  failed.kind = SweepEnd::Kind::kFailed;
  absl::StatusOr<SweepSetup> setup = MakeSweepSetup(options.target);
  if (!setup.ok()) {
    failed.failure = FailureOf(setup.status());
    return failed;
  }
  // Plans point to the setup, so it must not move afterwards.
  const SweepSetup fixed = *std::move(setup);
  absl::StatusOr<std::deque<Plan>> plans = MakePlans(fixed);
  if (!plans.ok()) {
    failed.failure = FailureOf(plans.status());
    return failed;
  }
  return Sweep(options, dependencies, fixed, *std::move(plans)).Run();
}

}  // namespace cusp::measure
