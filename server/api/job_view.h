// A job as users see it.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "cusp/v1/job.pb.h"
#include "server/api/live_board.h"
#include "server/store/store.h"

namespace cusp::server {

// Puts together what is stored and what is only known live. Thread-safe.
class JobView {
 public:
  JobView(Store& store, const LiveBoard& board, const Clock& clock)
      : store_(store), board_(board), clock_(clock) {}

  // The whole job. NOT_FOUND.
  absl::StatusOr<v1::Job> Read(int64_t job_id) const;

  // The same within a snapshot of the caller's.
  absl::StatusOr<v1::Job> Read(Database& db, int64_t job_id) const;

 private:
  Store& store_;
  const LiveBoard& board_;
  const Clock& clock_;
};

}  // namespace cusp::server
