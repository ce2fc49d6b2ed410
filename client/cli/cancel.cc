#include "client/cli/cancel.h"

#include <cstdio>
#include <memory>
#include <string>

#include "client/cli/exit_code.h"
#include "client/cli/job_argument.h"
#include "client/lib/job_json.h"

namespace cusp::client {
namespace {

int RunCancel(const Invocation& invocation, const std::string& id) {
  const auto target = OpenJob(invocation, id);
  if (!target.ok()) {
    return ReportError(target.status());
  }
  const auto job = target->session->client().CancelJob(target->job.name());
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

}  // namespace

void AddCancel(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("cancel", "Stop a job; what it measured stays");
  const auto id = AddJobArgument(*command);
  command->callback([&invocation, id] {
    invocation.action = [&invocation, id] { return RunCancel(invocation, *id); };
  });
}

}  // namespace cusp::client
