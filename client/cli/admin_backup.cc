#include "client/cli/admin_backup.h"

#include <cstdio>
#include <memory>
#include <string>

#include "client/cli/exit_code.h"
#include "client/cli/format.h"
#include "client/cli/session.h"
#include "client/lib/job_json.h"
#include "client/lib/operations_calls.h"

namespace cusp::client {
namespace {

int RunBackup(const Invocation& invocation, const std::string& path) {
  const auto session = Session::Open(invocation, Need::kAny);
  if (!session.ok()) {
    return ReportError(session.status());
  }
  const auto bytes = BackUpTo((*session)->connection(), path);
  if (!bytes.ok()) {
    return ReportError(bytes.status());
  }
  if (invocation.json) {
    std::fputs(ToText({{"file", path}, {"bytes", *bytes}}).c_str(), stdout);
  } else if (!invocation.quiet) {
    std::printf("%s: %s, checked\n", path.c_str(),
                FormatBytes(static_cast<double>(*bytes)).c_str());
  }
  return kExitDone;
}

}  // namespace

void AddAdminBackup(CLI::App& admin, Invocation& invocation) {
  CLI::App* command =
      admin.add_subcommand("backup", "Copy the database into a file while the service runs");
  auto path = std::make_shared<std::string>();
  command->add_option("file", *path, "The new file; it gets mode 0600")
      ->required()
      ->type_name("FILE");
  command->callback([&invocation, path] {
    invocation.action = [&invocation, path] { return RunBackup(invocation, *path); };
  });
}

}  // namespace cusp::client
