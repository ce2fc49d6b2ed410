#include "server/api/job_mutation.h"

#include "common/status_macros.h"
#include "server/api/translate.h"
#include "server/store/jobs.h"

namespace cusp::server {
Actor ActorOf(const Caller& caller) { return {caller.user, caller.is_admin()}; }

absl::StatusOr<v1::Job> ChangeJob(Transaction& tx, const std::string& id, const Actor& actor,
                                  const JobChange& change) {
  CUSP_ASSIGN_OR_RETURN(const int64_t job_id, ResolveJob(tx.db, id));
  CUSP_RETURN_IF_ERROR(change(tx, job_id, actor));
  CUSP_ASSIGN_OR_RETURN(const Job stored, LoadJob(tx.db, job_id, false));
  return ToProto(stored);
}

}  // namespace cusp::server
