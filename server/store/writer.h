// The one thread that writes.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "common/clock.h"
#include "server/store/commit_stats.h"
#include "server/store/sqlite.h"

namespace cusp::server {

// What committed mutations changed, for whoever waits for it.
struct Changes {
  std::set<int64_t> jobs;
  // `device` of each sweep that was put into the queue.
  std::vector<std::string> queued_devices;
  CommitCounts counts;

  bool empty() const { return jobs.empty() && queued_devices.empty(); }
};

// A mutation's view while it runs.
struct Transaction {
  Database& db;
  Changes& changes;
  int64_t now_us = 0;  // wall time, one for the whole group
};

// Runs mutations one after another on its own thread. Those that wait together
// share one transaction (group commit), each under a savepoint, and each is
// answered after the commit. Work, Done and Listener of all of them exclude one
// another, whichever thread runs them. Thread-safe.
class Writer {
 public:
  // Must not keep references to its Transaction.
  using Work = std::function<absl::Status(Transaction&)>;
  // Called after the commit, or with the error; quick.
  using Done = std::function<void(const absl::Status&)>;
  // Called after all Done of a group.
  using Listener = std::function<void(const Changes&)>;

  Writer(std::unique_ptr<Database> db, const Clock& clock, Listener listener);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Finishes what was submitted.
  ~Writer();

  // Queues a mutation. `done` gets RESOURCE_EXHAUSTED at once, on the caller's
  // thread, where too many wait, and UNAVAILABLE after Stop().
  void Submit(Work work, Done done);

  // The same, but a mutation that finds the writer idle runs on the caller's
  // thread, Done and Listener included: a lone client is spared two changes of
  // threads. For callers that hold no lock and may wait for one commit.
  void RunOrSubmit(Work work, Done done);

  // Finishes what was submitted and refuses the rest. Idempotent.
  void Stop();

  // Of all groups so far.
  const CommitStats& stats() const { return stats_; }

 private:
  struct Item {
    Work work;
    Done done;
    absl::Status status;
  };

  // Whether the caller may run a group: nothing else runs or waits.
  bool BeginAlone();
  void Loop();
  void RunGroup(std::vector<Item>& group);
  absl::Status RunItem(Item& item, Changes& changes, int64_t now_us, bool alone);
  absl::Status RunAll(std::vector<Item>& group, Changes& changes);

  const std::unique_ptr<Database> db_;
  const Clock& clock_;
  const Listener listener_;
  CommitStats stats_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> queue_;   // guarded by mutex_
  bool is_running_ = false;  // guarded by mutex_; a group is being run
  bool stopping_ = false;    // guarded by mutex_
  std::thread thread_;
};

}  // namespace cusp::server
