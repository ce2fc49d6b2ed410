#include "client/cli/workers.h"

#include <cstdio>
#include <string>
#include <vector>

#include "client/cli/exit_code.h"
#include "client/cli/format.h"
#include "client/cli/session.h"
#include "client/cli/text_table.h"
#include "client/lib/job_json.h"
#include "common/clock.h"

namespace cusp::client {
namespace {

// "workers/a" -> "a", "jobs/j/sweeps/1" -> "j/sweeps/1".
std::string WithoutCollection(const std::string& name) {
  const size_t slash = name.find('/');
  return slash == std::string::npos ? name : name.substr(slash + 1);
}

void PrintTable(const std::vector<v1::Worker>& workers) {
  using Align = TextTable::Align;
  TextTable table({{"name"},
                   {"state"},
                   {"device class"},
                   {"device"},
                   {"host"},
                   {"memory", Align::kRight},
                   {"cores", Align::kRight},
                   {"heard of"},
                   {"measures"}});
  const int64_t now = SystemClock().WallMicros() / 1'000'000;
  for (const v1::Worker& worker : workers) {
    table.AddRow(
        {Printable(WithoutCollection(worker.name())), ToText(worker.state()),
         Printable(worker.device_class()), Printable(worker.device()), Printable(worker.host()),
         FormatBytes(static_cast<double>(worker.memory_bytes())), FormatCount(worker.cores()),
         FormatAgo(worker.last_sync_time(), now),
         worker.current_sweep().empty() ? "-" : WithoutCollection(worker.current_sweep())});
  }
  std::fputs(table.ToString().c_str(), stdout);
  for (const v1::Worker& worker : workers) {
    if (!worker.drain_reason().empty()) {
      std::printf("%s is drained: %s\n", Printable(WithoutCollection(worker.name())).c_str(),
                  Printable(worker.drain_reason()).c_str());
    }
    if (!worker.not_ready().empty()) {
      std::printf("%s takes no sweep now: %s\n",
                  Printable(WithoutCollection(worker.name())).c_str(),
                  Printable(worker.not_ready()).c_str());
    }
  }
}

int RunWorkers(const Invocation& invocation) {
  const auto session = Session::Open(invocation, Need::kAny);
  if (!session.ok()) {
    return ReportError(session.status());
  }
  const auto workers = (*session)->client().ListWorkers();
  if (!workers.ok()) {
    return ReportError(workers.status());
  }
  if (invocation.json) {
    nlohmann::ordered_json json = {{"workers", nlohmann::ordered_json::array()}};
    for (const v1::Worker& worker : *workers) {
      json["workers"].push_back(WorkerToJson(worker));
    }
    std::fputs(ToText(json).c_str(), stdout);
  } else if (!workers->empty()) {
    PrintTable(*workers);
  } else if (!invocation.quiet) {
    std::fputs("cusp: no workers\n", stderr);
  }
  return kExitDone;
}

}  // namespace

void AddWorkers(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("workers", "Show who measures, and on which device");
  command->callback(
      [&invocation] { invocation.action = [&invocation] { return RunWorkers(invocation); }; });
}

}  // namespace cusp::client
