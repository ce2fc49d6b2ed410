#include "client/cli/import.h"

#include <cstdio>
#include <memory>
#include <string>

#include "client/cli/exit_code.h"
#include "client/cli/session.h"
#include "client/lib/archive_calls.h"
#include "client/lib/job_json.h"

namespace cusp::client {
namespace {

int RunImport(const Invocation& invocation, const std::string& path) {
  const auto session = Session::Open(invocation, Need::kAny);
  if (!session.ok()) {
    return ReportError(session.status());
  }
  const auto imported = ImportJob((*session)->connection(), path);
  if (!imported.ok()) {
    return ReportError(imported.status());
  }
  if (invocation.json) {
    nlohmann::ordered_json json = JobToJson(imported->job());
    json["already_present"] = imported->already_present();
    std::fputs(ToText(json).c_str(), stdout);
  } else if (!invocation.quiet) {
    std::printf(
        "job %s %s\n", JobId(imported->job().name()).c_str(),
        imported->already_present() ? "is here already, with the same content" : "imported");
  }
  return kExitDone;
}

}  // namespace

void AddImport(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("import", "Store a job that `cusp export` wrote");
  auto path = std::make_shared<std::string>();
  command->add_option("file", *path, "The file")->required()->type_name("FILE");
  command->callback([&invocation, path] {
    invocation.action = [&invocation, path] { return RunImport(invocation, *path); };
  });
}

}  // namespace cusp::client
