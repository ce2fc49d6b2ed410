// Tells watchers of jobs what changed.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cusp/v1/job.pb.h"

namespace cusp::server {

// Someone who watches one job. Called by the hub on its thread, one call at a
// time, and never after Remove() has returned.
class JobWatcher {
 public:
  virtual ~JobWatcher() = default;
  // The job as it is now. Must not block.
  virtual void Offer(std::shared_ptr<const v1::Job> job) = 0;
  // No more will come.
  virtual void Fail(const absl::Status& status) = 0;
};

// Reads each changed job once, on a thread of its own, however many watch it;
// changes that come faster than it reads are merged. Thread-safe.
class WatchHub {
 public:
  using Reader = std::function<absl::StatusOr<v1::Job>(int64_t job_id)>;

  explicit WatchHub(Reader reader);
  ~WatchHub();
  WatchHub(const WatchHub&) = delete;
  WatchHub& operator=(const WatchHub&) = delete;

  // Adds a watcher, who gets a snapshot first.
  void Add(int64_t job_id, JobWatcher* watcher);
  void Remove(int64_t job_id, JobWatcher* watcher);

  // True while somebody watches the job.
  bool IsWatched(int64_t job_id);

  // Something of these jobs changed. Cheap where nobody watches.
  void Notify(const std::set<int64_t>& jobs);

  // Fails all watchers, and later ones, with UNAVAILABLE. Idempotent.
  void Stop();

 private:
  void Loop();
  void Deliver(int64_t job_id);

  const Reader reader_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::multimap<int64_t, JobWatcher*> watchers_;  // guarded by mutex_
  std::set<int64_t> changed_;                     // guarded by mutex_
  bool stopping_ = false;                         // guarded by mutex_
  std::thread thread_;
};

}  // namespace cusp::server
