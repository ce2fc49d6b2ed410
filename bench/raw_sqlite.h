// What a service is measured against: SQLite in a loop, of the same durability.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/ids.h"
#include "common/status_macros.h"
#include "server/store/migrator.h"
#include "server/store/sqlite.h"

namespace cusp {

inline constexpr int kVariants = 50;
inline constexpr int kMetrics = 2;
inline constexpr int kRowsPerMessage = kVariants * kMetrics;

// One-row commits, and commits of 100 samples, on one connection.
class RawSqlite {
 public:
  static absl::StatusOr<RawSqlite> Open(const std::string& path) {
    CUSP_ASSIGN_OR_RETURN(auto db,
                          server::Database::Open(path, server::Database::Mode::kReadWrite));
    CUSP_RETURN_IF_ERROR(server::Migrate(*db, server::Migrations()));
    CUSP_RETURN_IF_ERROR(
        db->Execute("INSERT INTO users (id, name, create_time_us) VALUES (1, 'u', 0);"
                    "INSERT INTO jobs (id, public_id, owner_id, display_name, state, priority,"
                    " device, sweeps_total, create_time_us) VALUES (1, 'j', 1, '', 1, 0, '', 1, 0);"
                    "INSERT INTO sweeps (id, job_id, number, mode, dtype, state, priority, device)"
                    " VALUES (1, 1, 1, 1, 1, 2, 0, '');"
                    "INSERT INTO generations (sweep_id, generation) VALUES (1, 1)"));
    return RawSqlite(std::move(db));
  }

  bool CommitJob() {
    return server::Run(*db_, "BEGIN IMMEDIATE").ok() &&
           server::Run(
               *db_,
               "INSERT INTO jobs (public_id, owner_id, display_name, state, priority, device,"
               " sweeps_total, create_time_us) VALUES (?, 1, 'bench', 1, 0, 'auto', 1, 0)",
               NewShortId())
               .ok() &&
           server::Run(*db_, "COMMIT").ok();
  }

  bool CommitSamples() {
    ++block_;
    bool ok =
        server::Run(*db_, "BEGIN IMMEDIATE").ok() &&
        server::Run(*db_,
                    "INSERT INTO blocks (sweep_id, generation, block, length, batch_size,"
                    " steal_share, attempt, commit_time_us) VALUES (1, 1, ?, 64, 1, 0.0, 1, 0)",
                    block_)
            .ok();
    server::Query insert(*db_,
                         "INSERT INTO samples (sweep_id, generation, block, variant, metric,"
                         " position, outcome, calls, value) VALUES (1, 1, ?, ?, ?, 0, 1, 3, ?)");
    for (int variant = 0; variant < kVariants; ++variant) {
      for (int metric = 0; metric < kMetrics; ++metric) {
        ok = ok && insert.RunWith(block_, variant, metric, 0.25).ok();
      }
    }
    return ok && server::Run(*db_, "COMMIT").ok();
  }

 private:
  explicit RawSqlite(std::unique_ptr<server::Database> db) : db_(std::move(db)) {}

  std::unique_ptr<server::Database> db_;
  int64_t block_ = 0;
};

}  // namespace cusp
