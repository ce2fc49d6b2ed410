#include "client/cli/admin_doctor.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "client/cli/exit_code.h"
#include "client/cli/session.h"
#include "client/cli/text_table.h"
#include "client/lib/job_json.h"
#include "client/lib/operations_calls.h"
#include "common/clock.h"

namespace cusp::client {
namespace {

std::string LevelText(v1::Finding::Level level) {
  switch (level) {
    case v1::Finding::LEVEL_OK:
      return "ok";
    case v1::Finding::LEVEL_WARNING:
      return "warning";
    default:
      return "fail";
  }
}

void PrintJson(const std::vector<v1::Finding>& findings) {
  nlohmann::ordered_json json = {{"findings", nlohmann::ordered_json::array()}};
  for (const v1::Finding& finding : findings) {
    json["findings"].push_back({{"check", finding.check()},
                                {"level", LevelText(finding.level())},
                                {"message", finding.message()},
                                {"remedy", finding.remedy()}});
  }
  std::fputs(ToText(json).c_str(), stdout);
}

void PrintLines(const std::vector<v1::Finding>& findings) {
  for (const v1::Finding& finding : findings) {
    std::string line = LevelText(finding.level());
    line.resize(9, ' ');
    line += Printable(finding.check()) + ": " + Printable(finding.message());
    if (!finding.remedy().empty()) {
      line += "; " + Printable(finding.remedy());
    }
    std::printf("%s\n", line.c_str());
  }
}

int RunDoctor(const Invocation& invocation) {
  const auto session = Session::Open(invocation, Need::kAny);
  if (!session.ok()) {
    return ReportError(session.status());
  }
  const auto findings = Diagnose((*session)->connection(), SystemClock().WallMicros());
  if (!findings.ok()) {
    return ReportError(findings.status());
  }
  if (invocation.json) {
    PrintJson(*findings);
  } else {
    PrintLines(*findings);
  }
  const bool fails = std::any_of(findings->begin(), findings->end(), [](const v1::Finding& f) {
    return f.level() != v1::Finding::LEVEL_OK && f.level() != v1::Finding::LEVEL_WARNING;
  });
  return fails ? kExitUnexpected : kExitDone;
}

}  // namespace

void AddAdminDoctor(CLI::App& admin, Invocation& invocation) {
  CLI::App* command = admin.add_subcommand(
      "doctor", "Check disk, database, clock, versions, files; exit with 1 where one fails");
  command->callback(
      [&invocation] { invocation.action = [&invocation] { return RunDoctor(invocation); }; });
}

}  // namespace cusp::client
