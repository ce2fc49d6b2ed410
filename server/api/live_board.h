// What workers said last, which is worth no write to disk.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "cusp/v1/job.pb.h"
#include "server/queue/records.h"

namespace cusp::server {

// When each worker was heard of, and the progress of running sweeps. Empty after
// a restart, filled again by the next syncs. Bounded by the number of workers.
// Thread-safe.
class LiveBoard {
 public:
  explicit LiveBoard(const Clock& clock) : clock_(clock) {}

  struct Seen {
    int64_t wall_us = 0;
    bool is_alive = false;  // heard of within the lease time
    bool draining = false;
    std::string not_ready;  // why it wants nothing now; empty: it does
  };

  void Heard(const Worker& worker, bool draining, const std::string& not_ready = "");
  // Nothing where it was not heard of since the start.
  std::optional<Seen> Find(const std::string& worker) const;

  // Workers alive, those of them that serve `device`, and those of these that are
  // given sweeps.
  struct Counts {
    int64_t alive = 0;
    int64_t serving = 0;
    int64_t taking = 0;
  };
  Counts CountFor(const std::string& device) const;
  // The last, by name.
  std::vector<Worker> TakersOf(const std::string& device) const;

  // Progress of a running sweep; dropped when it stops running.
  void SetProgress(int64_t sweep_id, const v1::SweepProgress& progress);
  void DropProgress(int64_t sweep_id);
  std::optional<v1::SweepProgress> Progress(int64_t sweep_id) const;

 private:
  struct Entry {
    Worker worker;
    Clock::Monotonic at;
    int64_t wall_us = 0;
    bool draining = false;
    std::string not_ready;
  };
  bool IsAlive(const Entry& entry) const;
  bool Takes(const Entry& entry, const std::string& device) const;

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry> workers_;           // guarded by mutex_
  std::map<int64_t, v1::SweepProgress> progress_;  // guarded by mutex_
};

}  // namespace cusp::server
