// What is in the store, as numbers for those who watch the service.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

struct QueueFigures {
  std::array<int64_t, 7> jobs_by_state{};  // by JobState
  int64_t sweeps_queued = 0;
  int64_t sweeps_running = 0;
};

// Looks at each job once, without its sweeps.
absl::StatusOr<QueueFigures> ReadQueueFigures(Database& db);

// Bytes of the database's files, and on its disk. -1: not to be told.
struct DiskFigures {
  int64_t database_bytes = -1;
  int64_t wal_bytes = -1;
  int64_t free_bytes = -1;
  int64_t total_bytes = -1;
};

// Of the database file `path`.
DiskFigures ReadDiskFigures(const std::string& path);

// Writes the row that shows that the database takes writes.
absl::Status TouchReadiness(Transaction& tx);

// "ok", or the first fault that SQLite finds. Reads the whole database.
absl::StatusOr<std::string> QuickCheck(Database& db);

// Of the database.
absl::StatusOr<int64_t> SchemaVersion(Database& db);

}  // namespace cusp::server
