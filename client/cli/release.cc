#include "client/cli/release.h"

#include <string>

#include "client/cli/job_change.h"

namespace cusp::client {

void AddRelease(CLI::App& app, Invocation& invocation) {
  AddJobChange(app, invocation, "release", "Let a held job start",
               [](Client& client, const std::string& job) { return client.ReleaseJob(job); });
}

}  // namespace cusp::client
