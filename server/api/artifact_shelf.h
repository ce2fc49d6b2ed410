// The coordinator's artifacts: their files, on a thread of their own, and their rows.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>

#include "absl/status/status.h"
#include "common/clock.h"
#include "server/store/artifact_folder.h"
#include "server/store/store.h"
#include "server/store/task_thread.h"

namespace cusp::server {

// Uploads are written, hashed and synced on one thread, so that none of it holds up the
// threads that serve calls, and so that nothing is removed while it is being put in its
// place. Thread-safe but where said.
class ArtifactShelf {
 public:
  // Both outlive it.
  ArtifactShelf(Store& store, const Clock& clock);

  // Makes the folders. Forgets artifacts whose files are gone, as after a restored backup:
  // clients would take them for sent. Removes, behind the caller's back, files that a crash
  // left without a row.
  absl::Status Start();

  Store& store() { return store_; }
  const ArtifactFolder& folder() const { return folder_; }

  // Runs `task` on the files' thread.
  void Post(std::function<void()> task) { thread_.Post(std::move(task)); }

  // Sizes of uploads that run, by user. On the files' thread only.
  void Promise(int64_t user_id, int64_t bytes) { promised_[user_id] += bytes; }
  int64_t Promised(int64_t user_id) { return promised_[user_id]; }

  // Removes what is unused once in a while. To be called several times a second.
  void Tick();

  // Finishes what was posted. After the last call that uses it, before Store::Stop().
  void Stop() { thread_.Stop(); }

 private:
  absl::Status ForgetMissing();
  void RemoveOrphans();
  void RemoveUnused();

  Store& store_;
  const Clock& clock_;
  const ArtifactFolder folder_;
  std::map<int64_t, int64_t> promised_;  // of the files' thread
  std::mutex mutex_;
  Clock::Monotonic next_removal_;  // guarded by mutex_
  TaskThread thread_;
};

}  // namespace cusp::server
