// Committed blocks. Each function runs within the caller's transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/queue/records.h"
#include "server/store/attempts.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

struct Sample {
  std::string variant;
  int metric = 0;
  double value = 0;  // meaningless unless outcome is OK
  int outcome = 0;
  int calls = 0;
  int order = 0;
  std::string failure_message;
};

struct Block {
  int64_t block = 0;
  int64_t length = 0;
  int batch_size = 0;
  double steal_share = 0;
  std::vector<Sample> samples;
  // As v1.Block says.
  double others_share = 0;
  double wait_share = 0;
  int64_t involuntary_switches = 0;
  int64_t major_faults = 0;
  int64_t allocator_retries = 0;
  int device_clock_mhz = 0;
  int64_t clock_limits = 0;
  int device_others = 0;
};

enum class AppendOutcome {
  kStored,
  // The blocks are of another provenance than those that the attempt was told to
  // count: nothing is stored, the attempt is over, and the sweep is queued for a
  // new generation.
  kRestarted,
};

// Stores whole blocks; those that are already stored are left as they are. The first
// ones give their generation its provenance and conditions.
// FAILED_PRECONDITION (stale), INVALID_ARGUMENT (an unknown variant, or no
// provenance with the first blocks), NOT_FOUND.
absl::StatusOr<AppendOutcome> AppendBlocks(Transaction& tx, const AttemptName& name,
                                           const std::optional<Provenance>& provenance,
                                           const std::vector<Block>& blocks);

// Who sent a block, and when it was committed.
struct BlockOrigin {
  int64_t attempt = 0;
  int64_t commit_time_us = 0;
};

// NOT_FOUND.
absl::StatusOr<BlockOrigin> LoadBlockOrigin(Database& db, const Sweep& sweep, int64_t block);

// Stores a block that an archive brings, in the sweep's current generation, whose counts
// stay as they are. `names` are those of the job's variants. INVALID_ARGUMENT (an unknown
// variant).
absl::Status InsertArchivedBlock(Transaction& tx, const Sweep& sweep,
                                 const std::vector<std::string>& names, const Block& block,
                                 const BlockOrigin& origin);

// Blocks of the current generation after number `after`, by number. Ends after
// `limit` blocks, or earlier once there are `max_samples`, but never before the
// first block. NOT_FOUND.
struct BlockPage {
  std::vector<Block> blocks;
  bool more = false;
};
absl::StatusOr<BlockPage> ListBlocks(Database& db, const Sweep& sweep, int64_t after, int limit,
                                     int max_samples);

}  // namespace cusp::server
