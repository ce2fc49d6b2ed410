#include "client/cli/list.h"

#include <cstdint>
#include <cstdio>
#include <memory>
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

void PrintTable(const std::vector<v1::Job>& jobs, bool all_owners) {
  std::vector<TextTable::Column> columns = {{"id"}, {"name"}, {"state"}, {"sweeps"}};
  if (all_owners) {
    columns.push_back({"owner"});
  }
  columns.push_back({"submitted"});
  TextTable table(columns);
  const int64_t now = SystemClock().WallMicros() / 1'000'000;
  for (const v1::Job& job : jobs) {
    std::vector<std::string> row = {
        JobId(job.name()), Printable(job.display_name()), ToText(job.state()),
        std::to_string(job.sweeps_ended()) + "/" + std::to_string(job.sweeps_total())};
    if (all_owners) {
      row.push_back(Printable(job.owner()));
    }
    row.push_back(FormatAgo(job.create_time(), now));
    table.AddRow(std::move(row));
  }
  std::fputs(table.ToString().c_str(), stdout);
}

int RunList(const Invocation& invocation, const ListOptions& options) {
  const auto session = Session::Open(invocation, Need::kAny);
  if (!session.ok()) {
    return ReportError(session.status());
  }
  const auto jobs = (*session)->client().ListJobs(options);
  if (!jobs.ok()) {
    return ReportError(jobs.status());
  }
  if (invocation.json) {
    nlohmann::ordered_json json = {{"jobs", nlohmann::ordered_json::array()}};
    for (const v1::Job& job : *jobs) {
      json["jobs"].push_back(JobToJson(job));
    }
    std::fputs(ToText(json).c_str(), stdout);
  } else if (!jobs->empty()) {
    PrintTable(*jobs, options.all_owners);
  } else if (!invocation.quiet) {
    std::fputs("cusp: no jobs\n", stderr);
  }
  return kExitDone;
}

}  // namespace

void AddList(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("list", "Show jobs, the newest first");
  auto options = std::make_shared<ListOptions>();
  command->add_flag("--all", options->all_owners, "Everybody's, not just your own");
  command->add_option("--limit", options->limit, "Show at most so many")
      ->type_name("N")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000'000}));
  command->callback([&invocation, options] {
    invocation.action = [&invocation, options] { return RunList(invocation, *options); };
  });
}

}  // namespace cusp::client
