#include "client/cli/admin_audit.h"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "client/cli/exit_code.h"
#include "client/cli/format.h"
#include "client/cli/session.h"
#include "client/cli/text_table.h"
#include "client/lib/admin_client.h"
#include "client/lib/admin_json.h"
#include "client/lib/job_json.h"
#include "common/clock.h"

namespace cusp::client {
namespace {

constexpr int64_t kDefaultLimit = 100;

struct AuditOptions {
  std::string actor;
  std::string action;
  std::string job;
  std::string since;
  int64_t limit = kDefaultLimit;
};

absl::StatusOr<v1::ListAuditEventsRequest> FiltersOf(const AuditOptions& options) {
  v1::ListAuditEventsRequest filters;
  filters.set_actor(options.actor);
  filters.set_action(options.action);
  if (!options.job.empty()) {
    const auto job = JobName(options.job);
    if (!job.ok()) {
      return job.status();
    }
    filters.set_job(*job);
  }
  if (!options.since.empty()) {
    const auto since = ParseSince(options.since, SystemClock().WallMicros() / 1'000'000);
    if (!since.ok()) {
      return since.status();
    }
    filters.mutable_since_time()->set_seconds(*since);
  }
  return filters;
}

void PrintTable(const std::vector<v1::AuditEvent>& events) {
  TextTable table({{"time (UTC)"}, {"actor"}, {"action"}, {"job"}, {"detail"}});
  for (const v1::AuditEvent& event : events) {
    table.AddRow({FormatTime(event.time()), Printable(event.actor()), Printable(event.action()),
                  event.job().empty() ? "-" : JobId(event.job()), Printable(event.detail())});
  }
  std::fputs(table.ToString().c_str(), stdout);
}

int RunAudit(const Invocation& invocation, const AuditOptions& options) {
  const auto filters = FiltersOf(options);
  if (!filters.ok()) {
    return ReportBadInput(filters.status());
  }
  const auto session = Session::Open(invocation, Need::kAny);
  if (!session.ok()) {
    return ReportError(session.status());
  }
  const auto events = AdminClient((*session)->client()).ListAuditEvents(*filters, options.limit);
  if (!events.ok()) {
    return ReportError(events.status());
  }
  if (invocation.json) {
    nlohmann::ordered_json json = {{"events", nlohmann::ordered_json::array()}};
    for (const v1::AuditEvent& event : *events) {
      json["events"].push_back(AuditEventToJson(event));
    }
    std::fputs(ToText(json).c_str(), stdout);
  } else if (!events->empty()) {
    PrintTable(*events);
  } else if (!invocation.quiet) {
    std::fputs("cusp: nothing matches\n", stderr);
  }
  return kExitDone;
}

}  // namespace

void AddAdminAudit(CLI::App& admin, Invocation& invocation) {
  CLI::App* command = admin.add_subcommand("audit", "Show who did what, the newest first");
  auto options = std::make_shared<AuditOptions>();
  command->add_option("--actor", options->actor, "Only of this user, or of worker:NAME")
      ->type_name("NAME");
  command->add_option("--action", options->action, "Only this, such as token_created")
      ->type_name("ACTION");
  command->add_option("--job", options->job, "Only about this job")->type_name("ID");
  command
      ->add_option("--since", options->since,
                   "Only since a date (2026-11-01, UTC), or within a time (30d, 12h)")
      ->type_name("WHEN");
  command->add_option("--limit", options->limit, "Show at most so many, the newest")
      ->type_name("N")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000'000}))
      ->capture_default_str();
  command->callback([&invocation, options] {
    invocation.action = [&invocation, options] { return RunAudit(invocation, *options); };
  });
}

}  // namespace cusp::client
