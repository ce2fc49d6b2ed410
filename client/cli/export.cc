#include "client/cli/export.h"

#include <cstdio>
#include <memory>
#include <string>

#include "client/cli/exit_code.h"
#include "client/cli/job_argument.h"
#include "client/lib/archive_calls.h"

namespace cusp::client {
namespace {

int RunExport(const Invocation& invocation, const std::string& id, const std::string& path) {
  const auto target = OpenJob(invocation, id);
  if (!target.ok()) {
    return ReportError(target.status());
  }
  const absl::Status status = ExportJob(target->session->connection(), target->job.name(), path);
  if (!status.ok()) {
    return ReportError(status);
  }
  if (!invocation.quiet && path != "-") {
    std::fprintf(stderr, "cusp: job %s is in %s\n", JobId(target->job.name()).c_str(),
                 path.c_str());
  }
  return kExitDone;
}

}  // namespace

void AddExport(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("export", "Write an ended job with all that was measured into one file");
  const auto id = AddJobArgument(*command);
  auto path = std::make_shared<std::string>();
  command->add_option("--output,-o", *path, "The file, such as job.cusp; - is stdout")
      ->required()
      ->type_name("FILE");
  command->callback([&invocation, id, path] {
    invocation.action = [&invocation, id, path] { return RunExport(invocation, *id, *path); };
  });
}

}  // namespace cusp::client
