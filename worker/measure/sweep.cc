#include "worker/measure/sweep.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "catalog/metrics.h"
#include "common/status_macros.h"
#include "google/protobuf/util/time_util.h"
#include "worker/measure/budget.h"
#include "worker/measure/measurers.h"
#include "worker/measure/memory_probe.h"
#include "worker/measure/noise.h"
#include "worker/measure/outcome.h"
#include "worker/measure/plan.h"
#include "worker/measure/plan_list.h"
#include "worker/measure/progress.h"
#include "worker/measure/runner_session.h"
#include "worker/measure/self_check.h"
#include "worker/measure/sweep_result.h"

namespace cusp::measure {
namespace {

constexpr Clock::Duration kDefaultBudget = std::chrono::minutes(10);
// Of a probe, before anything was started.
constexpr Clock::Duration kUnknownProbe = std::chrono::seconds(1);
// Starting a runner builds every variant.
constexpr int kStartTimeouts = 20;

Clock::Duration BudgetOf(const v1::JobSpec& spec) {
  const int64_t nanos = google::protobuf::util::TimeUtil::DurationToNanoseconds(spec.budget());
  return nanos > 0 ? Clock::Duration(nanos) : kDefaultBudget;
}

// Time inside the samples that earlier attempts took; their warm-up and their
// starts are not known.
Clock::Duration SpentOn(const std::vector<v1::Block>& blocks) {
  double seconds = 0;
  for (const v1::Block& block : blocks) {
    seconds += SecondsOf(block);
  }
  return std::chrono::duration_cast<Clock::Duration>(
      std::chrono::duration<double>(std::min(seconds, 1e9)));
}

// For the first plan of latencies, where there is one that measures anything.
std::optional<SelfCheck> MakeCheck(const SweepSetup& setup, const std::deque<Plan>& plans) {
  for (const Plan& plan : plans) {
    if (plan.metric() == v1::METRIC_LATENCY && !plan.Grid().empty()) {
      return SelfCheck(setup, plan.Grid(), plan.batch_size());
    }
  }
  return std::nullopt;
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
        probe_(setup_, dependencies.launcher, host_, options.probes_at_once),
        check_(MakeCheck(setup_, plans_)),
        measurers_(setup_, session_, points_, probe_, host_, clock_,
                   {.blocks = options.blocks,
                    .check = check_ ? &*check_ : nullptr,
                    .energy = dependencies.energy}),
        progress_(plans_, clock_),
        budget_(clock_, BudgetOf(options.target.spec), SpentOn(options.committed)),
        next_block_(options.last_block + 1) {}

  SweepEnd Run();

 private:
  absl::Status Measure();
  absl::Status MeasureStage(Plan& plan, Clock::Monotonic end);
  absl::Status MeetRunner();
  absl::Status MeasureBlock(Plan& plan, const analysis::PlannedBlock& planned,
                            Clock::Monotonic end);
  absl::Status CompleteCheck(Plan& plan, Clock::Monotonic end);
  absl::Status Commit(Plan& plan, v1::Block block, Clock::Monotonic begin);
  void Report(const Plan& plan, int64_t length);
  Clock::Duration MemoryReserve() const;
  int CountTimed() const;
  void Restore();

  const SweepOptions& options_;
  SweepHost& host_;
  const Clock& clock_;
  const SweepSetup& setup_;
  std::deque<Plan> plans_;
  PointTable points_;
  RunnerSession session_;
  MemoryProbe probe_;
  std::optional<SelfCheck> check_;
  Measurers measurers_;
  NoiseGate gate_;
  ProgressMeter progress_;
  Budget budget_;
  int64_t next_block_;
};

void Sweep::Restore() {
  for (const v1::Block& block : options_.committed) {
    for (Plan& plan : plans_) {
      if (plan.Owns(block)) {
        plan.Add(block);
        measurers_.Of(plan.metric())->Restore(block);
      }
    }
    if (check_) {
      check_->Add(block);
    }
    next_block_ = std::max(next_block_, block.block() + 1);
  }
}

// Stages that share the time which is not kept for peak memory.
int Sweep::CountTimed() const {
  return static_cast<int>(std::count_if(plans_.begin(), plans_.end(), [](const Plan& plan) {
    return plan.metric() != v1::METRIC_PEAK_MEMORY && MeansOf(plan.metric()) != Means::kFormula;
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

// The first samples of an attempt go with the provenance, which a runner tells as it starts.
absl::Status Sweep::MeetRunner() {
  const absl::Status status = session_.EnsureReady(options_.blocks.call_timeout * kStartTimeouts);
  // By then it has told; that all variants fit at once is for others to ask.
  return absl::IsResourceExhausted(status) ? absl::OkStatus() : status;
}

absl::Status Sweep::MeasureBlock(Plan& plan, const analysis::PlannedBlock& planned,
                                 Clock::Monotonic end) {
  const Clock::Monotonic begin = clock_.Now();
  Report(plan, planned.length);
  // A step of unknown length may take more than its stage has.
  const Clock::Duration time_left = MeansOf(plan.metric()) == Means::kProbes
                                        ? std::max(end - begin, Clock::Duration::zero())
                                        : budget_.Left();
  CUSP_ASSIGN_OR_RETURN(
      v1::Block block,
      measurers_.Of(plan.metric())->Measure(planned, plan.batch_size(), time_left));
  if (gate_.ShouldDiscard(block)) {
    plan.Discard(planned.length);
    return absl::OkStatus();
  }
  if (check_) {
    check_->Add(block);
  }
  return Commit(plan, std::move(block), begin);
}

absl::Status Sweep::MeasureStage(Plan& plan, Clock::Monotonic end) {
  while (const auto planned = plan.Next()) {
    if (host_.Stop() != StopRequest::kNone) {
      return absl::CancelledError("stopped");
    }
    if (clock_.Now() >= end) {
      return absl::OkStatus();
    }
    CUSP_RETURN_IF_ERROR(MeasureBlock(plan, *planned, end));
  }
  return CompleteCheck(plan, end);
}

// A length that was decided early has too few blocks for a check: the baseline alone
// gets the others.
absl::Status Sweep::CompleteCheck(Plan& plan, Clock::Monotonic end) {
  if (!check_ || plan.metric() != v1::METRIC_LATENCY || plan.batch_size() != check_->batch_size()) {
    return absl::OkStatus();
  }
  const PointKey baseline{.length = check_->length(), .batch_size = check_->batch_size()};
  while (check_->Wanting() && points_.Usable(baseline).ok() && clock_.Now() < end) {
    if (host_.Stop() != StopRequest::kNone) {
      return absl::CancelledError("stopped");
    }
    CUSP_RETURN_IF_ERROR(
        MeasureBlock(plan, {.length = baseline.length, .variants = {baseline.variant}}, end));
  }
  return absl::OkStatus();
}

absl::Status Sweep::Measure() {
  int timed = CountTimed();
  int probed = static_cast<int>(std::count_if(plans_.begin(), plans_.end(), [](const Plan& plan) {
    return plan.metric() == v1::METRIC_PEAK_MEMORY;
  }));
  for (Plan& plan : plans_) {
    if (plan.metric() == v1::METRIC_PEAK_MEMORY) {
      // The probes get the memory and the cores that the main runner held.
      session_.Close();
      CUSP_RETURN_IF_ERROR(MeasureStage(plan, budget_.StageEnd(probed--, Clock::Duration::zero())));
    } else if (MeansOf(plan.metric()) == Means::kFormula) {
      if (plan.Next()) {
        CUSP_RETURN_IF_ERROR(MeetRunner());
      }
      CUSP_RETURN_IF_ERROR(MeasureStage(plan, Clock::Monotonic::max()));
    } else {
      if (MeansOf(plan.metric()) == Means::kProbes) {
        session_.Close();  // which would hold memory that batches are to be tried in
      }
      if (MeansOf(plan.metric()) == Means::kTimed && plan.Next()) {
        // Before the time is shared out: how long a start takes decides what
        // has to be kept for the probes.
        CUSP_RETURN_IF_ERROR(session_.EnsureReady(options_.blocks.call_timeout * kStartTimeouts));
      }
      CUSP_RETURN_IF_ERROR(MeasureStage(plan, budget_.StageEnd(timed--, MemoryReserve())));
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
  end.result = MakeResult(plans_, budget_.total(), check_ ? check_->Result() : std::nullopt);
  AddUnavailable(setup_, plans_, end.result);
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
  absl::StatusOr<std::deque<Plan>> plans =
      MakePlans(fixed, {.counts_energy = dependencies.energy != nullptr,
                        .speed = options.speed,
                        .budget = BudgetOf(options.target.spec) - SpentOn(options.committed)});
  if (!plans.ok()) {
    failed.failure = FailureOf(plans.status());
    return failed;
  }
  return Sweep(options, dependencies, fixed, *std::move(plans)).Run();
}

}  // namespace cusp::measure
