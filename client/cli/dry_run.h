// What a job would do, without doing it.
#pragma once

#include "absl/status/statusor.h"
#include "client/cli/invocation.h"
#include "client/lib/client.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::client {

// Prints what would be measured, and what is expected of it on the worker that would
// get the job, as a table or as JSON; where nothing can be predicted, the reason.
// `client` may be nullptr, or its error: the reason then is `without`. Asks the
// coordinator for workers and finished jobs, and changes nothing. kExitDone.
int PrintDryRun(const Invocation& invocation, const v1::JobSpec& spec, Client* client,
                const absl::Status& without);

}  // namespace cusp::client
