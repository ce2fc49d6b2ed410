#include "server/api/watch_hub.h"

#include <utility>

namespace cusp::server {
namespace {

absl::Status Stopping() {
  return absl::UnavailableError("the service is stopping; watch again to go on");
}

}  // namespace

WatchHub::WatchHub(Reader reader) : reader_(std::move(reader)) {
  thread_ = std::thread([this] { Loop(); });
}

WatchHub::~WatchHub() { Stop(); }

void WatchHub::Add(int64_t job_id, JobWatcher* watcher) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stopping_) {
    watcher->Fail(Stopping());
    return;
  }
  watchers_.emplace(job_id, watcher);
  changed_.insert(job_id);
  wake_.notify_one();
}

void WatchHub::Remove(int64_t job_id, JobWatcher* watcher) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto [begin, end] = watchers_.equal_range(job_id);
  for (auto it = begin; it != end; ++it) {
    if (it->second == watcher) {
      watchers_.erase(it);
      return;
    }
  }
}

bool WatchHub::IsWatched(int64_t job_id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return watchers_.count(job_id) > 0;
}

void WatchHub::Notify(const std::set<int64_t>& jobs) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const int64_t job : jobs) {
    if (watchers_.count(job) > 0) {
      changed_.insert(job);
    }
  }
  if (!changed_.empty()) {
    wake_.notify_one();
  }
}

void WatchHub::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) {
    thread_.join();
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [job, watcher] : watchers_) {
    watcher->Fail(Stopping());
  }
  watchers_.clear();
}

void WatchHub::Loop() {
  while (true) {
    int64_t job_id = 0;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !changed_.empty(); });
      if (stopping_) {
        return;
      }
      job_id = *changed_.begin();
      changed_.erase(changed_.begin());
    }
    Deliver(job_id);
  }
}

void WatchHub::Deliver(int64_t job_id) {
  absl::StatusOr<v1::Job> job = reader_(job_id);
  std::shared_ptr<const v1::Job> shared;
  if (job.ok()) {
    shared = std::make_shared<const v1::Job>(std::move(*job));
  }
  // Held, so that no watcher goes away while it is called.
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto [begin, end] = watchers_.equal_range(job_id);
  for (auto it = begin; it != end; ++it) {
    if (shared != nullptr) {
      it->second->Offer(shared);
    } else {
      it->second->Fail(job.status());
    }
  }
}

}  // namespace cusp::server
