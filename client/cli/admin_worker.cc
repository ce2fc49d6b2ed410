#include "client/cli/admin_worker.h"

#include <cstdio>
#include <memory>
#include <string>

#include "client/cli/exit_code.h"
#include "client/cli/session.h"
#include "client/lib/admin_client.h"
#include "client/lib/job_json.h"

namespace cusp::client {
namespace {

constexpr char kWorkerPrefix[] = "workers/";

int RunDrain(const Invocation& invocation, const std::string& name, bool drain) {
  const auto session = Session::Open(invocation, Need::kAny);
  if (!session.ok()) {
    return ReportError(session.status());
  }
  AdminClient admin((*session)->client());
  const std::string worker = name.rfind(kWorkerPrefix, 0) == 0 ? name : kWorkerPrefix + name;
  const auto changed = drain ? admin.DrainWorker(worker) : admin.ResumeWorker(worker);
  if (!changed.ok()) {
    return ReportError(changed.status());
  }
  if (invocation.json) {
    std::fputs(ToText(WorkerToJson(*changed)).c_str(), stdout);
  } else if (!invocation.quiet && !drain) {
    std::printf("%s resumed\n", changed->name().c_str());
  } else if (!invocation.quiet) {
    std::printf("%s %s\n", changed->name().c_str(),
                changed->current_sweep().empty()
                    ? "drained"
                    : ("drained; it finishes " + changed->current_sweep()).c_str());
  }
  return kExitDone;
}

void AddOne(CLI::App& admin, Invocation& invocation, const std::string& verb,
            const std::string& description, bool drain) {
  CLI::App* command = admin.add_subcommand(verb, description);
  auto name = std::make_shared<std::string>();
  command->add_option("worker", *name, "Its name in `cusp workers`")
      ->required()
      ->type_name("WORKER");
  command->callback([&invocation, name, drain] {
    invocation.action = [&invocation, name, drain] { return RunDrain(invocation, *name, drain); };
  });
}

}  // namespace

void AddAdminWorker(CLI::App& admin, Invocation& invocation) {
  AddOne(admin, invocation, "drain", "Give a worker nothing new; it finishes what it has", true);
  AddOne(admin, invocation, "resume", "Give a drained worker sweeps again", false);
}

}  // namespace cusp::client
