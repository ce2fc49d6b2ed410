#include "client/cli/cancel.h"

#include <string>

#include "client/cli/job_change.h"

namespace cusp::client {

void AddCancel(CLI::App& app, Invocation& invocation) {
  AddJobChange(app, invocation, "cancel", "Stop a job; what it measured stays",
               [](Client& client, const std::string& job) { return client.CancelJob(job); });
}

}  // namespace cusp::client
