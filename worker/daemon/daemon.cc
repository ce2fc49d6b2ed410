#include "worker/daemon/daemon.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "common/log_format.h"
#include "google/protobuf/util/time_util.h"
#include "worker/daemon/device_guard.h"

namespace cusp::worker {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Bounds on the coordinator's next_sync, should it ask for nonsense.
constexpr milliseconds kShortestWait{20};
constexpr milliseconds kLongestWait{10'000};
// Of looking after a session between two syncs.
constexpr milliseconds kTick{1'000};

bool IsRefusal(const absl::Status& status) {
  return absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status) ||
         absl::IsInvalidArgument(status) || absl::IsUnimplemented(status);
}

}  // namespace

Daemon::Daemon(DaemonOptions options, Coordinator& coordinator, const Clock& clock)
    : options_(std::move(options)), coordinator_(coordinator), clock_(clock) {}

void Daemon::Wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  changed_.notify_all();
}

Daemon::Stopping Daemon::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Daemon::Drain() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = std::max(stopping_, Stopping::kDrain);
    woken_ = true;
    changed_.notify_all();
  }
  coordinator_.CancelSync();
}

void Daemon::StopNow() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = Stopping::kNow;
    woken_ = true;
    changed_.notify_all();
  }
  coordinator_.CancelSync();
}

void Daemon::Wait(milliseconds duration) {
  const auto end = steady_clock::now() + duration;
  std::unique_lock lock(mutex_);
  while (!woken_ && steady_clock::now() < end) {
    changed_.wait_until(lock, std::min(end, steady_clock::now() + kTick));
    if (session_) {
      session_->CheckStalled();
    }
  }
  woken_ = false;
}

absl::Status Daemon::Register() {
  Backoff backoff(std::hash<std::string>()(options_.worker.name()));
  while (stopping() == Stopping::kNo) {
    const absl::Status status = coordinator_.Register(options_.worker);
    if (status.ok()) {
      spdlog::info("registered worker={} device_class={} device={}", options_.worker.name(),
                   LogValue(options_.worker.device_class()), options_.worker.device());
      return status;
    }
    if (IsRefusal(status)) {
      return status;
    }
    if (backoff.tries() == 0) {
      spdlog::warn("waiting for the coordinator error={}", LogValue(std::string(status.message())));
    }
    Wait(backoff.Next());
  }
  return absl::OkStatus();
}

// Lets go of a session that has ended; true where the worker shall end too.
bool Daemon::ReapSession() {
  const Stopping stop = stopping();
  if (session_ && (session_->ended() || stop == Stopping::kNow)) {
    last_attempt_ = session_->attempt();
    session_.reset();
    if (options_.once) {
      return true;
    }
  }
  if (stop == Stopping::kDrain && session_) {
    session_->Drain();
  }
  return stop != Stopping::kNo && !session_;
}

// A sweep runs on an idle device alone. Only asked while no session uses the instruments.
std::string Daemon::WhyNotReady() {
  measure::DeviceWatch* const watch = options_.session.instruments.watch.get();
  std::string reason = watch == nullptr ? "" : WhyNotIdle(watch->Read());
  if (reason != not_ready_) {
    spdlog::info("{}", reason.empty() ? "the device is idle again" : "takes no sweep: " + reason);
    not_ready_ = reason;
  }
  return reason;
}

v1::SyncWorkerRequest Daemon::MakeRequest() {
  v1::SyncWorkerRequest request;
  request.set_worker(options_.worker.name());
  v1::WorkerState& state = *request.mutable_current_state();
  state.set_draining(stopping() != Stopping::kNo);
  if (session_) {
    state.set_attempt(session_->attempt());
    *state.mutable_progress() = session_->progress();
  } else {
    state.set_not_ready(WhyNotReady());
  }
  return request;
}

void Daemon::Apply(const v1::DesiredState& desired) {
  switch (desired.action()) {
    case v1::DesiredState::ACTION_MEASURE: {
      const std::string& attempt = desired.assignment().attempt();
      if (session_ && session_->attempt() == attempt) {
        return;
      }
      if (session_) {
        session_->Abandon("the coordinator wants " + attempt);
        return;  // the new one starts when this one has ended
      }
      // The answer may have been on its way when the attempt ended.
      if (attempt != last_attempt_ && stopping() == Stopping::kNo) {
        session_ = std::make_unique<Session>(desired.assignment(), options_.session, coordinator_,
                                             clock_, [this] { Wake(); });
      }
      return;
    }
    case v1::DesiredState::ACTION_ABANDON:
      if (session_) {
        session_->Abandon(desired.reason());
      }
      return;
    default:
      return;
  }
}

void Daemon::Serve() {
  Backoff backoff(std::hash<std::string>()(options_.worker.name()));
  while (!ReapSession()) {
    const auto begin = steady_clock::now();
    const bool idle = session_ == nullptr;
    const auto answer = coordinator_.Sync(MakeRequest(), idle);
    if (answer.ok()) {
      backoff.Reset();
      Apply(answer->desired_state());
      const milliseconds wanted(
          google::protobuf::util::TimeUtil::DurationToMilliseconds(answer->next_sync()));
      // An idle call may have been held back for that long already.
      const auto spent = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
      Wait(std::clamp(wanted - spent, kShortestWait, kLongestWait));
    } else if (absl::IsNotFound(answer.status())) {
      const absl::Status status = Register();
      if (!status.ok()) {
        spdlog::error("the coordinator refuses this worker: {}", std::string(status.message()));
        Wait(backoff.Next());
      }
    } else if (!absl::IsCancelled(answer.status())) {
      if (backoff.tries() == 0) {
        spdlog::warn("no answer from the coordinator: {}", std::string(answer.status().message()));
      }
      Wait(backoff.Next());
    }
  }
}

absl::Status Daemon::Run() {
  const absl::Status status = Register();
  if (!status.ok() || options_.register_only) {
    return status;
  }
  Serve();
  return absl::OkStatus();
}

}  // namespace cusp::worker
