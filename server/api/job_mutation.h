// What all changes of a job that is there have in common.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cusp/v1/job.pb.h"
#include "server/auth/authenticator.h"
#include "server/queue/ownership.h"
#include "server/store/writer.h"

namespace cusp::server {

// Who may do what as this caller.
Actor ActorOf(const Caller& caller);

// Changes the job of that row id.
using JobChange = std::function<absl::Status(Transaction&, int64_t, const Actor&)>;

// Changes the job whose id is or begins with `id`, and answers it as it is then,
// without what only memory knows.
absl::StatusOr<v1::Job> ChangeJob(Transaction& tx, const std::string& id, const Actor& actor,
                                  const JobChange& change);

}  // namespace cusp::server
