#include "server/api/sync_reactor.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/grpc_status.h"
#include "server/api/names.h"

namespace cusp::server {
namespace {

// An idle worker's call has waited already, so the next may come at once.
constexpr std::chrono::milliseconds kAfterWaiting{50};
// While somebody watches a job, its progress comes with every sync.
constexpr std::chrono::milliseconds kWatched{1000};

// `left` is the time until the end of the call, were it held.
std::chrono::milliseconds NextSync(const SyncAnswer& answer, bool may_wait, Clock::Duration left,
                                   bool watched) {
  if (answer.action == SyncAction::kIdle && may_wait) {
    return std::max(kAfterWaiting, std::chrono::ceil<std::chrono::milliseconds>(left));
  }
  return answer.action == SyncAction::kMeasure && watched ? kWatched : kSyncInterval;
}

void SetAnswer(const SyncAnswer& answer, v1::SyncWorkerResponse* response) {
  v1::DesiredState* state = response->mutable_desired_state();
  switch (answer.action) {
    case SyncAction::kIdle:
      state->set_action(v1::DesiredState::ACTION_IDLE);
      break;
    case SyncAction::kAbandon:
      state->set_action(v1::DesiredState::ACTION_ABANDON);
      state->set_reason(answer.reason);
      break;
    case SyncAction::kMeasure: {
      state->set_action(v1::DesiredState::ACTION_MEASURE);
      v1::Assignment* assignment = state->mutable_assignment();
      assignment->set_attempt(AttemptNameOf(answer.job, answer.sweep.number, answer.lease.attempt));
      (void)assignment->mutable_spec()->ParseFromString(answer.spec);
      assignment->set_mode(static_cast<v1::Mode>(answer.sweep.mode));
      assignment->set_dtype(static_cast<v1::DType>(answer.sweep.dtype));
      assignment->set_blocks_committed(answer.sweep.blocks_committed);
      assignment->set_last_block(answer.sweep.last_block);
      break;
    }
  }
}

}  // namespace

SyncReactor::SyncReactor(Dispatcher& dispatcher, LiveBoard& board, WatchHub& hub,
                         const Clock& clock)
    : dispatcher_(dispatcher),
      board_(board),
      hub_(hub),
      clock_(clock),
      call_(std::make_shared<SyncCall>()) {}

void SyncReactor::Start(SyncReport report, Clock::Monotonic deadline,
                        const v1::SweepProgress* progress, v1::SyncWorkerResponse* response) {
  const bool may_wait = !report.draining && report.not_ready.empty();
  call_->report = std::move(report);
  call_->deadline = deadline;
  call_->reply = [this, progress, response, may_wait](const absl::StatusOr<SyncAnswer>& answer) {
    if (answer.ok()) {
      if (answer->action == SyncAction::kMeasure && progress != nullptr) {
        board_.SetProgress(answer->sweep.id, *progress);
        hub_.Notify({answer->sweep.job_id});
      }
      SetAnswer(*answer, response);
      *response->mutable_next_sync() = google::protobuf::util::TimeUtil::MillisecondsToDuration(
          NextSync(*answer, may_wait, call_->deadline - clock_.Now(),
                   hub_.IsWatched(answer->sweep.job_id))
              .count());
    }
    Finish(ToGrpc(answer.status()));
  };
  dispatcher_.Sync(call_);
}

void SyncReactor::Refuse(const absl::Status& status) { Finish(ToGrpc(status)); }

void SyncReactor::OnCancel() { dispatcher_.Cancel(call_); }

void SyncReactor::OnDone() { delete this; }

}  // namespace cusp::server
