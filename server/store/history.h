// Comparisons of finished sweeps over all jobs. Each function runs within the caller's
// transaction.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/queue/records.h"
#include "server/store/results.h"
#include "server/store/sqlite.h"

namespace cusp::server {

// Which ones. Empty texts and zeros let everything through.
struct HistoryFilter {
  std::string baseline;   // name
  std::string candidate;  // name
  int metric = 0;
  int mode = 0;
  int dtype = 0;
  std::string device;    // class, device, or "cuda" for each "cuda:N"
  int64_t since_us = 0;  // the sweep ended then or later
  int64_t until_us = 0;  // the sweep ended earlier
  // Versions, or their beginnings up to a dot.
  std::string driver_version;
  std::string cusp_version;
  std::string torch_version;
  std::string host;
};

// A place in the list: the end of the sweep, then the comparison's id.
struct HistoryPosition {
  int64_t end_time_us = INT64_MAX;
  int64_t comparison_id = INT64_MAX;
};

struct HistoryRow {
  HistoryPosition position;
  std::string job;  // public id
  std::string display_name;
  Sweep sweep;
  Comparison comparison;
};

// At most `limit` rows after `after`, the newest first. With a name in the filter
// reading takes time in proportion to the sweeps of jobs with a variant of that name,
// else to the newer part of the history that the filter skips.
absl::StatusOr<std::vector<HistoryRow>> ListHistory(Database& db, const HistoryFilter& filter,
                                                    const HistoryPosition& after, int limit);

}  // namespace cusp::server
