// Results of sweeps in the database. Each function runs within the caller's
// transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/queue/records.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

struct Crossing {
  double length = 0;
  double low = 0;
  double high = 0;
  int direction = 0;
};

struct Comparison {
  std::string baseline;
  std::string candidate;
  int metric = 0;
  int batch_size = 0;
  int64_t range_min = 0;
  int64_t range_max = 0;
  int verdict = 0;
  std::vector<Crossing> crossings;
  std::optional<Crossing> first;
  std::optional<Crossing> persistent;
  std::vector<int64_t> undecided_lengths;
  std::vector<int64_t> equal_lengths;
  int64_t blocks_used = 0;
  std::string note;
};

struct Cost {
  std::string variant;
  int metric = 0;
  int batch_size = 0;
  int64_t length = 0;
  double median = 0;  // these three are meaningless unless outcome is OK
  double low = 0;
  double high = 0;
  int64_t samples = 0;
  int outcome = 0;
  std::string failure_message;
};

// A baseline against itself.
struct SelfCheck {
  std::string variant;
  int64_t length = 0;
  int batch_size = 0;
  int64_t blocks = 0;
  double median_ratio = 0;
  double low = 0;
  double high = 0;
  bool differs = false;
};

struct SweepResult {
  std::vector<Comparison> comparisons;
  std::vector<Cost> costs;
  std::optional<SelfCheck> self_check;
  std::string device_speed;  // serialized v1.DeviceSpeed; read back with the sweep
};

// INVALID_ARGUMENT for a variant that the job does not have or a comparison or
// cost given twice.
absl::Status StoreResult(Transaction& tx, const Sweep& sweep, const SweepResult& result);

// Forgets what was stored, for a sweep that is measured again.
absl::Status DeleteResult(Transaction& tx, int64_t sweep_id);

// The comparison with that id; `names` are those of its job's variants. NOT_FOUND.
absl::StatusOr<Comparison> LoadComparison(Database& db, int64_t id,
                                          const std::vector<std::string>& names);

// What was stored; empty while there is nothing.
absl::StatusOr<SweepResult> LoadResult(Database& db, const Sweep& sweep);

}  // namespace cusp::server
