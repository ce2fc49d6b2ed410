#include "server/api/job_view.h"

#include "common/status_macros.h"
#include "server/api/translate.h"
#include "server/api/wait_view.h"
#include "server/store/jobs.h"
#include "server/store/provenances.h"

namespace cusp::server {

absl::StatusOr<v1::Job> JobView::Read(int64_t job_id) const {
  return store_.Read<v1::Job>([&](Database& db) { return Read(db, job_id); });
}

absl::StatusOr<v1::Job> JobView::Read(Database& db, int64_t job_id) const {
  CUSP_ASSIGN_OR_RETURN(Job job, LoadJob(db, job_id, true));
  for (Sweep& sweep : job.sweeps) {
    CUSP_RETURN_IF_ERROR(LoadConditions(db, sweep));
  }
  v1::Job out = ToProto(job);
  for (size_t i = 0; i < job.sweeps.size(); ++i) {
    if (job.sweeps[i].state != SweepState::kRunning) {
      continue;
    }
    if (auto progress = board_.Progress(job.sweeps[i].id)) {
      *out.mutable_sweeps(static_cast<int>(i))->mutable_progress() = *std::move(progress);
    }
  }
  if (Waits(job)) {
    CUSP_ASSIGN_OR_RETURN(const Wait wait, ExplainWait(db, board_, job, clock_.WallMicros()));
    out.set_waiting_reason(wait.reason);
    if (wait.start_us) {
      *out.mutable_estimated_start_time() = ToTimestamp(*wait.start_us);
    }
  }
  return out;
}

}  // namespace cusp::server
