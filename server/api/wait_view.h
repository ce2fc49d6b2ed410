// Why a job waits, and when it is expected to go on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/api/live_board.h"
#include "server/queue/records.h"
#include "server/store/sqlite.h"

namespace cusp::server {

struct Wait {
  std::string reason;               // for people
  std::optional<int64_t> start_us;  // nothing where it cannot be told
};

// Whether something of the job waits and nothing of it is leased.
bool Waits(const Job& job);

// Puts together what is stored and what is only known live, of a job that waits and
// has its sweeps and its spec.
absl::StatusOr<Wait> ExplainWait(Database& db, const LiveBoard& board, const Job& job,
                                 int64_t now_us);

}  // namespace cusp::server
