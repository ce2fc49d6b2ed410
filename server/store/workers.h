// Workers in the database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/queue/records.h"
#include "server/queue/transitions.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

// Makes a worker known or updates it. A `request_id` other than the last one's
// means that the process is new, and holds nothing yet; a drain ends with the old
// process.
absl::StatusOr<Worker> RegisterWorker(Transaction& tx, const Worker& worker,
                                      const std::string& request_id);

// Workers by name, after `after_name`.
struct ListedWorker {
  Worker worker;
  std::string sweep;  // "jobs/{id}/sweeps/{n}" it holds, or empty
  int64_t register_time_us = 0;
};
absl::StatusOr<std::vector<ListedWorker>> ListWorkers(Database& db, const std::string& after_name,
                                                      int limit);

// Gives the worker nothing new until told otherwise, also as another process; or does so
// again, and forgets its row of failures. A no-op where it is so already. NOT_FOUND.
absl::StatusOr<ListedWorker> DrainWorker(Transaction& tx, const std::string& name, bool drain,
                                         std::string_view actor);

// The worker of that name, if there is one.
absl::StatusOr<std::optional<Worker>> FindWorker(Database& db, const std::string& name);

// With a reason: the worker finishes what it has and is given nothing more. Without:
// it is given sweeps again, and its row of failures is forgotten. NOT_FOUND.
absl::Status SetWorkerDrained(Transaction& tx, const std::string& name,
                              const std::optional<std::string>& reason);

// Counts the end of an attempt, and drains a worker on which too many failed in a
// row.
absl::Status RecordEnd(Transaction& tx, int64_t worker_id, AttemptEnd end,
                       const std::optional<Failure>& failure);

}  // namespace cusp::server
