#include "client/cli/hold.h"

#include <string>

#include "client/cli/job_change.h"

namespace cusp::client {

void AddHold(CLI::App& app, Invocation& invocation) {
  AddJobChange(app, invocation, "hold", "Start nothing more of a job; what runs goes on",
               [](Client& client, const std::string& job) { return client.HoldJob(job); });
}

}  // namespace cusp::client
