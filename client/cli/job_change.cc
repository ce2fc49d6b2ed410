#include "client/cli/job_change.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "client/cli/exit_code.h"
#include "client/cli/job_argument.h"
#include "client/lib/job_json.h"

namespace cusp::client {

int RunJobChange(const Invocation& invocation, const std::string& id, const JobChange& change) {
  const auto target = OpenJob(invocation, id);
  if (!target.ok()) {
    return ReportError(target.status());
  }
  const auto job = change(target->session->client(), target->job.name());
  if (!job.ok()) {
    return ReportError(job.status());
  }
  if (invocation.json) {
    std::fputs(ToText(JobToJson(*job)).c_str(), stdout);
  } else if (!invocation.quiet) {
    std::printf("job %s %s\n", JobId(job->name()).c_str(), ToText(job->state()).c_str());
  }
  return kExitDone;
}

CLI::App* AddJobChange(CLI::App& app, Invocation& invocation, const std::string& name,
                       const std::string& description, JobChange change) {
  CLI::App* command = app.add_subcommand(name, description);
  const auto id = AddJobArgument(*command);
  command->callback([&invocation, id, change = std::move(change)] {
    invocation.action = [&invocation, id, change] { return RunJobChange(invocation, *id, change); };
  });
  return command;
}

}  // namespace cusp::client
