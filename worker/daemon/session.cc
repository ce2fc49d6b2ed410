#include "worker/daemon/session.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "catalog/sampling.h"
#include "common/log_format.h"
#include "common/status_macros.h"
#include "worker/daemon/weights_files.h"
#include "worker/measure/outcome.h"

namespace cusp::worker {
namespace {

using std::chrono::steady_clock;
using Request = v1::FinishAttemptRequest;

// For delivering and giving back when the worker is being stopped.
constexpr std::chrono::seconds kDrainGrace{10};
constexpr std::chrono::milliseconds kFinishTimeout{10'000};
constexpr std::chrono::milliseconds kLastFinishTimeout{1'000};
constexpr std::chrono::milliseconds kPoll{200};

std::string SweepOf(const std::string& attempt) {
  return attempt.substr(0, attempt.rfind("/attempts/"));
}

std::optional<Sandbox> SandboxFor(const std::optional<Sandbox>& sandbox, const v1::JobSpec& spec) {
  return sandbox.has_value() ? std::optional(sandbox->Showing(WeightsFilesOf(spec))) : std::nullopt;
}

}  // namespace

Session::Session(v1::Assignment assignment, const SessionOptions& options, Coordinator& coordinator,
                 const Clock& clock, std::function<void()> on_end)
    : assignment_(std::move(assignment)),
      options_(options),
      coordinator_(coordinator),
      clock_(clock),
      on_end_(std::move(on_end)),
      launcher_(options.runner, SandboxFor(options.sandbox, assignment_.spec())),
      samples_(coordinator.workers(), {.attempt = assignment_.attempt(),
                                       .seed = std::hash<std::string>()(assignment_.attempt())}) {
  spdlog::info("measuring attempt={} job_name={} blocks_committed={}", attempt(),
               LogValue(assignment_.spec().name()), assignment_.blocks_committed());
  delivering_ = std::thread([this] { samples_.Run(); });
  measuring_ = std::thread([this] { Measure(); });
}

Session::~Session() {
  Abandon("the worker stops");
  measuring_.join();
  delivering_.join();
}

v1::SweepProgress Session::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

bool Session::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

void Session::Drain() {
  const std::lock_guard lock(mutex_);
  if (stop_ == measure::StopRequest::kNone) {
    stop_ = measure::StopRequest::kAfterBlock;
    drained_at_ = steady_clock::now();
    changed_.notify_all();
  }
}

void Session::Abandon(const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    if (abandoned_) {
      return;
    }
    if (!ended_) {
      spdlog::info("abandoned attempt={} reason={}", attempt(), LogValue(reason));
    }
    stop_ = measure::StopRequest::kNow;
    abandoned_ = true;
    changed_.notify_all();
  }
  launcher_.StopAll();
  samples_.Close();
}

absl::Status Session::Commit(const v1::Block& block) { return samples_.Push(block); }

void Session::Started(const runner::v1::StartResponse& facts) {
  v1::Provenance provenance = MakeProvenance(options_.host, ReadMachineFacts(), facts);
  *provenance.mutable_conditions() = conditions_;
  samples_.SetProvenance(provenance);
}

void Session::Report(const v1::SweepProgress& progress) {
  const std::lock_guard lock(mutex_);
  progress_ = progress;
}

measure::StopRequest Session::Stop() const {
  const std::lock_guard lock(mutex_);
  return stop_;
}

// True when no further try is worth its time.
bool Session::GivenUp() const {
  const std::lock_guard lock(mutex_);
  return abandoned_ || (drained_at_ && steady_clock::now() - *drained_at_ > kDrainGrace);
}

// False when given up.
bool Session::WaitToRetry(std::chrono::milliseconds wait) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, wait, [this] { return abandoned_; });
  }
  return !GivenUp();
}

absl::StatusOr<std::vector<v1::Block>> Session::FetchCommitted() {
  if (assignment_.blocks_committed() == 0) {
    return std::vector<v1::Block>();
  }
  Backoff backoff(std::hash<std::string>()(attempt()));
  while (true) {
    auto blocks = coordinator_.ListBlocks(SweepOf(attempt()));
    if (blocks.ok() || IsPermanent(blocks.status())) {
      return blocks;
    }
    spdlog::warn("committed blocks not read attempt={} error={}", attempt(),
                 LogValue(std::string(blocks.status().message())));
    if (!WaitToRetry(backoff.Next())) {
      return absl::CancelledError("stopped");
    }
  }
}

// The attempt is held meanwhile: the worker's syncs go on.
absl::Status Session::FetchWeights() {
  spec_ = assignment_.spec();
  if (options_.weights == nullptr) {
    return absl::OkStatus();
  }
  auto fetched = worker::FetchWeights(spec_, coordinator_, *options_.weights, [this] {
    const std::lock_guard lock(mutex_);
    return stop_ != measure::StopRequest::kNone;
  });
  CUSP_RETURN_IF_ERROR(fetched.status());
  weights_ = *std::move(fetched);
  return absl::OkStatus();
}

Request Session::RunSweep(std::vector<v1::Block> committed) {
  measure::SweepOptions sweep;
  sweep.target = {.spec = spec_,
                  .mode = assignment_.mode(),
                  .dtype = assignment_.dtype(),
                  .device = options_.device,
                  .memory_limit_bytes = options_.device == "cpu" ? options_.memory_limit_bytes : 0};
  sweep.committed = std::move(committed);
  sweep.last_block = assignment_.last_block();
  sweep.speed = options_.speed;
  sweep.probes_at_once =
      options_.device == "cpu"
          ? catalog::ProbesAtOnce(options_.host.cores, assignment_.spec().threads())
          : 1;
  sweep.blocks.call_timeout = options_.call_timeout;
  // Before there is a runner: its threads would count as somebody else's.
  conditions_ = MakeConditions(assignment_.spec(), ReadMachineLoad(), clock_.WallMicros());
  const DeviceInstruments& instruments = options_.instruments;
  if (instruments.watch != nullptr) {
    conditions_.set_device_processes(instruments.watch->Read().processes);
  }
  sweep.blocks.noise = {.cpus = options_.host.cpus, .device = instruments.watch.get()};
  measure::SweepEnd end = measure::RunSweep(
      sweep,
      {.launcher = launcher_, .host = *this, .clock = clock_, .energy = instruments.energy.get()});
  Request finish;
  *finish.mutable_result() = std::move(end.result);
  if (options_.speed.threads_size() > 0) {
    *finish.mutable_result()->mutable_device_speed() = options_.speed;
  }
  switch (end.kind) {
    case measure::SweepEnd::Kind::kSucceeded:
      finish.set_outcome(Request::OUTCOME_SUCCEEDED);
      break;
    case measure::SweepEnd::Kind::kFailed:
      finish.set_outcome(Request::OUTCOME_FAILED);
      *finish.mutable_failure() = std::move(end.failure);
      break;
    case measure::SweepEnd::Kind::kStopped:
      finish.set_outcome(Request::OUTCOME_RELEASED);
  }
  return finish;
}

// Waits until every sample is acknowledged, or nobody wants them.
void Session::Deliver(Request& finish) {
  absl::Status status = absl::DeadlineExceededError("");
  while (absl::IsDeadlineExceeded(status) && !GivenUp()) {
    status = samples_.Flush(steady_clock::now() + kPoll);
    samples_.CheckStalled();
  }
  if (!samples_.status().ok() && !absl::IsFailedPrecondition(samples_.status())) {
    finish.set_outcome(Request::OUTCOME_FAILED);
    finish.mutable_failure()->set_reason(v1::Failure::REASON_INTERNAL);
    finish.mutable_failure()->set_message("the coordinator refused samples: " +
                                          std::string(samples_.status().message()));
  } else if (!status.ok() && finish.outcome() != Request::OUTCOME_FAILED) {
    // A result without its samples would be a claim without proof.
    finish.set_outcome(Request::OUTCOME_RELEASED);
    finish.clear_result();
  }
}

void Session::Finish(const Request& finish) {
  Backoff backoff(std::hash<std::string>()(attempt()));
  bool again = true;
  while (again) {
    const absl::Status status =
        coordinator_.Finish(finish, GivenUp() ? kLastFinishTimeout : kFinishTimeout);
    if (status.ok()) {
      spdlog::info("finished attempt={} outcome={}", attempt(),
                   Request::Outcome_Name(finish.outcome()));
      return;
    }
    if (IsPermanent(status)) {
      spdlog::warn("dropped attempt={} error={}", attempt(),
                   LogValue(std::string(status.message())));
      return;
    }
    if (backoff.tries() == 0) {
      spdlog::warn("end not reported yet attempt={} error={}", attempt(),
                   LogValue(std::string(status.message())));
    }
    again = WaitToRetry(backoff.Next());
  }
}

void Session::Measure() {
  Request finish;
  absl::StatusOr<std::vector<v1::Block>> committed = FetchCommitted();
  if (committed.ok()) {
    const absl::Status fetched = FetchWeights();
    if (!fetched.ok()) {
      committed = fetched;
    }
  }
  if (committed.ok()) {
    finish = RunSweep(*std::move(committed));
    Deliver(finish);
  } else if (absl::IsCancelled(committed.status())) {
    finish.set_outcome(Request::OUTCOME_RELEASED);
  } else {
    finish.set_outcome(Request::OUTCOME_FAILED);
    *finish.mutable_failure() = measure::FailureOf(committed.status());
  }
  finish.set_attempt(attempt());
  if (finish.has_failure() && !absl::IsFailedPrecondition(samples_.status())) {
    spdlog::warn("failed attempt={} error={}", attempt(), LogValue(finish.failure().message()));
  }
  if (absl::IsFailedPrecondition(samples_.status())) {
    spdlog::warn("dropped, another attempt has taken over attempt={}", attempt());
  } else {
    Finish(finish);
  }
  samples_.Close();
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  on_end_();
}

}  // namespace cusp::worker
