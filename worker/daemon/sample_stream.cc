#include "worker/daemon/sample_stream.h"

#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

#include "common/grpc_status.h"
#include "worker/daemon/coordinator.h"

namespace cusp::worker {
namespace {

// Well under the 4 MiB that a message may have: 64 variants to a block take
// about 5 KiB.
constexpr int kMaxBlocksPerMessage = 256;
constexpr std::chrono::seconds kStalled{30};

}  // namespace

SampleStream::SampleStream(v1::WorkerService::StubInterface& service, Options options)
    : service_(service), options_(std::move(options)), backoff_(options_.seed) {}

void SampleStream::SetProvenance(const v1::Provenance& provenance) {
  const std::lock_guard lock(mutex_);
  provenance_ = provenance;
}

absl::Status SampleStream::Push(const v1::Block& block) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] {
    const size_t in_flight = in_flight_ ? static_cast<size_t>(in_flight_->blocks_size()) : 0;
    return closed_ || !status_.ok() || queued_.size() + in_flight < options_.max_blocks;
  });
  if (!status_.ok() || closed_) {
    return status_.ok() ? absl::CancelledError("closed") : status_;
  }
  queued_.push_back(block);
  changed_.notify_all();
  return absl::OkStatus();
}

absl::Status SampleStream::Flush(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  const bool done = changed_.wait_until(lock, deadline, [this] {
    return closed_ || !status_.ok() || (queued_.empty() && !in_flight_);
  });
  if (!status_.ok()) {
    return status_;
  }
  if (closed_) {
    return absl::CancelledError("closed");
  }
  return done ? absl::OkStatus() : absl::DeadlineExceededError("samples not acknowledged");
}

void SampleStream::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  if (context_ != nullptr) {
    context_->TryCancel();
  }
  changed_.notify_all();
}

void SampleStream::CheckStalled() {
  const std::lock_guard lock(mutex_);
  if (context_ != nullptr && sent_ && std::chrono::steady_clock::now() - sent_at_ > kStalled) {
    context_->TryCancel();
  }
}

absl::Status SampleStream::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

// False when it is time to end.
bool SampleStream::WaitForWork() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock,
                [this] { return closed_ || !status_.ok() || in_flight_ || !queued_.empty(); });
  return !closed_ && status_.ok();
}

// Moves what is queued into a message, unless one still waits to be
// acknowledged. False when it is time to end.
bool SampleStream::PrepareMessage() {
  if (!WaitForWork()) {
    return false;
  }
  const std::lock_guard lock(mutex_);
  if (!in_flight_) {
    v1::StreamSamplesRequest message;
    message.set_attempt(options_.attempt);
    message.set_sequence(++last_sequence_);
    if (message.sequence() == 1 && provenance_) {
      *message.mutable_provenance() = *provenance_;
    }
    while (!queued_.empty() && message.blocks_size() < kMaxBlocksPerMessage) {
      *message.add_blocks() = std::move(queued_.front());
      queued_.pop_front();
    }
    in_flight_ = std::move(message);
  }
  sent_at_ = std::chrono::steady_clock::now();
  sent_ = true;
  return true;
}

// False when the stream has ended.
bool SampleStream::SendOne(Stream& stream) {
  if (!stream.Write(*in_flight_)) {
    return false;
  }
  v1::StreamSamplesResponse response;
  do {
    if (!stream.Read(&response)) {
      return false;
    }
  } while (response.acknowledged_sequence() < in_flight_->sequence());
  const std::lock_guard lock(mutex_);
  in_flight_.reset();
  sent_ = false;
  changed_.notify_all();
  return true;
}

void SampleStream::Deliver(Stream& stream) {
  while (PrepareMessage()) {
    if (!SendOne(stream)) {
      return;
    }
    backoff_.Reset();
  }
  stream.WritesDone();
  // Cancelled where Close() said so; otherwise the coordinator ends it.
}

absl::Status SampleStream::Connect() {
  grpc::ClientContext context;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) {
      return absl::CancelledError("closed");
    }
    context_ = &context;
  }
  const std::unique_ptr<Stream> stream = service_.StreamSamples(&context);
  Deliver(*stream);
  absl::Status status = FromGrpc(stream->Finish());
  const std::lock_guard lock(mutex_);
  context_ = nullptr;
  sent_ = false;
  if (status.ok() && !closed_) {
    status = absl::UnavailableError("the coordinator closed the stream");
  }
  return status;
}

void SampleStream::WaitBeforeRetry(const absl::Status& status) {
  std::unique_lock lock(mutex_);
  // Once for each outage, not for each try.
  if (!closed_ && backoff_.tries() == 0) {
    spdlog::warn("samples wait for the coordinator: {}", std::string(status.message()));
  }
  changed_.wait_for(lock, backoff_.Next(), [this] { return closed_; });
}

void SampleStream::Run() {
  while (WaitForWork()) {
    const absl::Status status = Connect();
    if (IsPermanent(status)) {
      const std::lock_guard lock(mutex_);
      status_ = status;
      changed_.notify_all();
      return;
    }
    WaitBeforeRetry(status);
  }
}

}  // namespace cusp::worker
