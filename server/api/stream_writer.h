// The server's half of a response stream, for a thread that may wait.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "common/grpc_status.h"

namespace cusp::server {

// Sends one message after the other, each once the one before is taken: a slow reader
// holds the sender back, and one that stands still is cut off. Lives until the stream is
// over and nobody holds it. Send() and End() by one thread; IsCancelled() by any.
template <typename Response>
class StreamWriter final : public grpc::ServerWriteReactor<Response>,
                           public std::enable_shared_from_this<StreamWriter<Response>> {
 public:
  // Longest time in which a reader takes nothing.
  static constexpr std::chrono::seconds kStallTime{30};

  static std::shared_ptr<StreamWriter> Make(grpc::CallbackServerContext* context) {
    auto writer = std::make_shared<StreamWriter>(context);
    writer->self_ = writer;
    return writer;
  }

  // For Make().
  explicit StreamWriter(grpc::CallbackServerContext* context) : context_(context) {}

  // Waits until the transport has taken the message. CANCELLED where the reader has hung
  // up, ABORTED where it stands still.
  absl::Status Send(Response message) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (is_cancelled_ || is_done_) {
      return HungUp();
    }
    message_ = std::move(message);
    is_writing_ = true;
    this->StartWrite(&message_);
    const bool taken = wake_.wait_for(lock, kStallTime, [this] { return !is_writing_; });
    if (!taken) {
      if (!is_done_) {
        context_->TryCancel();
      }
      return absl::AbortedError("the reader took nothing for " +
                                std::to_string(kStallTime.count()) + " s and was cut off");
    }
    return is_cancelled_ ? HungUp() : absl::OkStatus();
  }

  // Ends the stream; once.
  void End(const absl::Status& status) { this->Finish(ToGrpc(status)); }

  bool IsCancelled() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return is_cancelled_;
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_writing_ = false;
    is_cancelled_ = is_cancelled_ || !ok;
    wake_.notify_all();
  }

  void OnCancel() override {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_cancelled_ = true;
    wake_.notify_all();
  }

  void OnDone() override {
    std::shared_ptr<StreamWriter> last;  // dies after the lock
    const std::lock_guard<std::mutex> lock(mutex_);
    is_done_ = true;
    last.swap(self_);
  }

 private:
  static absl::Status HungUp() { return absl::CancelledError("the reader has hung up"); }

  grpc::CallbackServerContext* const context_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::shared_ptr<StreamWriter> self_;  // until OnDone(); guarded by mutex_
  Response message_;                    // being written
  bool is_writing_ = false;             // guarded by mutex_
  bool is_cancelled_ = false;           // guarded by mutex_
  bool is_done_ = false;                // guarded by mutex_
};

}  // namespace cusp::server
