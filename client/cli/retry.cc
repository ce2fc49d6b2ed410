#include "client/cli/retry.h"

#include <string>

#include "client/cli/job_change.h"

namespace cusp::client {

void AddRetry(CLI::App& app, Invocation& invocation) {
  AddJobChange(app, invocation, "retry", "Queue what a failed or cancelled job is missing again",
               [](Client& client, const std::string& job) { return client.RetryJob(job); });
}

}  // namespace cusp::client
