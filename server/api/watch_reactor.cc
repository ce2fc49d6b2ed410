#include "server/api/watch_reactor.h"

#include <utility>

#include "common/grpc_status.h"
#include "server/queue/transitions.h"

namespace cusp::server {

WatchReactor::WatchReactor(WatchHub& hub, int64_t job_id, Caller caller)
    : hub_(hub), job_id_(job_id), caller_(std::move(caller)) {}

void WatchReactor::Start() { hub_.Add(job_id_, this); }

void WatchReactor::Offer(std::shared_ptr<const v1::Job> job) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (is_finished_) {
    return;
  }
  pending_ = std::move(job);
  if (!is_writing_) {
    WriteLocked();
  }
}

void WatchReactor::Fail(const absl::Status& status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  FinishLocked(status);
}

void WatchReactor::OnWriteDone(bool ok) {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_writing_ = false;
  if (!ok) {
    FinishLocked(absl::CancelledError("the watcher has hung up"));
  } else if (HasEnded(static_cast<JobState>(current_.job().state()))) {
    FinishLocked(absl::OkStatus());
  } else if (pending_ != nullptr && !is_finished_) {
    WriteLocked();
  }
}

void WatchReactor::OnCancel() {
  const std::lock_guard<std::mutex> lock(mutex_);
  FinishLocked(absl::CancelledError("the watcher has hung up"));
}

void WatchReactor::OnDone() {
  hub_.Remove(job_id_, this);
  delete this;
}

void WatchReactor::WriteLocked() {
  *current_.mutable_job() = *pending_;
  pending_.reset();
  is_writing_ = true;
  StartWrite(&current_);
}

void WatchReactor::FinishLocked(const absl::Status& status) {
  if (!is_finished_) {
    is_finished_ = true;
    Finish(ToGrpc(status));
  }
}

}  // namespace cusp::server
