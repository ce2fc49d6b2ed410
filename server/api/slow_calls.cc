#include "server/api/slow_calls.h"

#include <optional>
#include <utility>

namespace cusp::server {

SlowCalls::SlowCalls(const CallTurns::Limits& limits) : turns_(limits) {
  for (size_t i = 0; i < limits.threads; ++i) {
    threads_.emplace_back([this] { Loop(); });
  }
}

SlowCalls::~SlowCalls() { Stop(); }

absl::Status SlowCalls::Run(const std::string& user, LongCallKind kind,
                            std::function<void()> call) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) {
      return absl::UnavailableError("the service is stopping; try again");
    }
    if (absl::Status status = turns_.Add({user, kind, std::move(call)}); !status.ok()) {
      return status;
    }
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
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    std::optional<CallTurns::Call> call;
    wake_.wait(lock, [&] {
      call = turns_.Next();
      return call.has_value() || (stopping_ && !turns_.IsWaiting());
    });
    if (!call.has_value()) {
      return;
    }
    lock.unlock();
    call->work();
    call->work = nullptr;  // what it holds may be slow to go
    lock.lock();
    turns_.Done(*call);
    wake_.notify_all();  // its end may let others run, of whom each thread takes one
  }
}

}  // namespace cusp::server
