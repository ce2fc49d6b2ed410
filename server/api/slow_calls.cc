#include "server/api/slow_calls.h"

#include <utility>

namespace cusp::server {

SlowCalls::SlowCalls(size_t threads, size_t max_waiting) : max_waiting_(max_waiting) {
  for (size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { Loop(); });
  }
}

SlowCalls::~SlowCalls() { Stop(); }

absl::Status SlowCalls::Run(std::function<void()> call) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) {
      return absl::UnavailableError("the service is stopping; try again");
    }
    if (waiting_.size() >= max_waiting_) {
      return absl::ResourceExhaustedError(
          "too many long calls (SQL, archives, backups) run or wait; try again later");
    }
    waiting_.push_back(std::move(call));
  }
  wake_.notify_one();
  return absl::OkStatus();
}

bool SlowCalls::IsStopping() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return stopping_;
}

void SlowCalls::Refuse() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
}

void SlowCalls::Stop() {
  Refuse();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) {
      thread.join();
    }
  }
}

void SlowCalls::Loop() {
  while (true) {
    std::function<void()> call;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) {
        return;
      }
      call = std::move(waiting_.front());
      waiting_.pop_front();
    }
    call();
  }
}

}  // namespace cusp::server
