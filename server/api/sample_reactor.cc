#include "server/api/sample_reactor.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/grpc_status.h"
#include "common/status_macros.h"
#include "server/api/names.h"
#include "server/api/translate.h"
#include "server/api/translate_measurements.h"

namespace cusp::server {
namespace {

// Messages of one stream that may wait for the store: enough to fill a group
// commit while the next ones travel.
constexpr int kMaxInFlight = 8;

}  // namespace

SampleReactor* SampleReactor::Start(Store& store, absl::StatusOr<Caller> caller) {
  auto reactor = std::make_shared<SampleReactor>(store);
  reactor->self_ = reactor;
  const std::lock_guard<std::mutex> lock(reactor->mutex_);
  if (caller.ok()) {
    reactor->caller_ = *std::move(caller);
    reactor->ReadLocked();
  } else {
    reactor->FinishLocked(caller.status());
  }
  return reactor.get();
}

void SampleReactor::OnReadDone(bool ok) {
  if (!ok) {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_reading_ = false;
    has_ended_ = true;
    FinishIfCompleteLocked();
    return;
  }
  const absl::Status submitted = Submit(request_);
  const std::lock_guard<std::mutex> lock(mutex_);
  is_reading_ = false;
  if (!submitted.ok()) {
    FinishLocked(submitted);
  } else if (in_flight_ < kMaxInFlight) {
    ReadLocked();
  }
}

absl::Status SampleReactor::CheckSequenceLocked(const v1::StreamSamplesRequest& request) {
  const int64_t sequence = request.sequence();
  if (sequence < 1) {
    return absl::InvalidArgumentError("sequence counts from 1");
  }
  // What was sent before may come again; a gap would acknowledge what never came.
  if (last_sequence_ != 0 && sequence > last_sequence_ + 1) {
    return absl::InvalidArgumentError("sequence " + std::to_string(sequence) + " follows " +
                                      std::to_string(last_sequence_) +
                                      "; send the messages between them first");
  }
  last_sequence_ = std::max(last_sequence_, sequence);
  return absl::OkStatus();
}

absl::Status SampleReactor::Submit(const v1::StreamSamplesRequest& request) {
  CUSP_ASSIGN_OR_RETURN(AttemptName name, ParseAttemptName(request.attempt()));
  std::optional<Provenance> provenance;
  if (request.has_provenance()) {
    CUSP_ASSIGN_OR_RETURN(provenance, FromProto(request.provenance()));
  }
  std::vector<Block> blocks;
  for (const v1::Block& block : request.blocks()) {
    CUSP_ASSIGN_OR_RETURN(Block one, FromProto(block));
    blocks.push_back(std::move(one));
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    CUSP_RETURN_IF_ERROR(CheckSequenceLocked(request));
    ++in_flight_;
  }
  store_.Write<AppendOutcome>(
      [name = std::move(name), provenance = std::move(provenance), blocks = std::move(blocks)](
          Transaction& tx) { return AppendBlocks(tx, name, provenance, blocks); },
      [self = shared_from_this(), sequence = request.sequence()](
          const absl::StatusOr<AppendOutcome>& outcome) { self->OnCommitted(sequence, outcome); });
  return absl::OkStatus();
}

void SampleReactor::OnCommitted(int64_t sequence, const absl::StatusOr<AppendOutcome>& outcome) {
  const std::lock_guard<std::mutex> lock(mutex_);
  --in_flight_;
  if (!outcome.ok()) {
    FinishLocked(outcome.status());
    return;
  }
  if (*outcome == AppendOutcome::kRestarted) {
    FinishLocked(absl::FailedPreconditionError(
        "the blocks committed before were measured elsewhere or with other software, and costs "
        "are comparable only within one provenance; the sweep starts anew under its next attempt"));
    return;
  }
  committed_ = std::max(committed_, sequence);
  if (!is_writing_) {
    WriteLocked();
  }
  if (!is_reading_ && !has_ended_) {
    ReadLocked();
  }
}

void SampleReactor::OnWriteDone(bool ok) {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_writing_ = false;
  if (!ok) {
    FinishLocked(absl::CancelledError("the worker has hung up"));
  } else if (committed_ > acknowledged_) {
    WriteLocked();
  } else {
    FinishIfCompleteLocked();
  }
}

void SampleReactor::OnCancel() {
  const std::lock_guard<std::mutex> lock(mutex_);
  FinishLocked(absl::CancelledError("the worker has hung up"));
}

void SampleReactor::OnDone() {
  // Writes that are still under way hold the reactor, but no longer the call.
  caller_ = Caller();
  std::shared_ptr<SampleReactor> last;
  const std::lock_guard<std::mutex> lock(mutex_);
  last.swap(self_);
}

void SampleReactor::ReadLocked() {
  if (!is_finished_) {
    is_reading_ = true;
    StartRead(&request_);
  }
}

void SampleReactor::WriteLocked() {
  if (!is_finished_) {
    acknowledged_ = committed_;
    response_.set_acknowledged_sequence(committed_);
    is_writing_ = true;
    StartWrite(&response_);
  }
}

void SampleReactor::FinishLocked(const absl::Status& status) {
  if (!is_finished_) {
    is_finished_ = true;
    Finish(ToGrpc(status));
  }
}

void SampleReactor::FinishIfCompleteLocked() {
  if (has_ended_ && in_flight_ == 0 && !is_writing_) {
    FinishLocked(absl::OkStatus());
  }
}

}  // namespace cusp::server
