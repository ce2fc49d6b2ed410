// A job as users see it.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "cusp/v1/job.pb.h"
#include "server/api/live_board.h"
#include "server/store/store.h"

namespace cusp::server {

// Puts together what is stored and what is only known live. Thread-safe.
class JobView {
 public:
  JobView(Store& store, const LiveBoard& board) : store_(store), board_(board) {}

  // The whole job. NOT_FOUND.
  absl::StatusOr<v1::Job> Read(int64_t job_id) const;

  // The same within a snapshot of the caller's.
  absl::StatusOr<v1::Job> Read(Database& db, int64_t job_id) const;

 private:
  Store& store_;
  const LiveBoard& board_;
};

}  // namespace cusp::server
