#include "client/cli/show.h"

#include <cstdio>
#include <memory>
#include <string>

#include "client/cli/exit_code.h"
#include "client/cli/job_argument.h"
#include "client/cli/job_text.h"
#include "client/cli/session.h"
#include "client/lib/job_json.h"
#include "common/clock.h"

namespace cusp::client {
namespace {

int RunShow(const Invocation& invocation, const std::string& id) {
  const auto target = OpenJob(invocation, id);
  if (!target.ok()) {
    return ReportError(target.status());
  }
  if (invocation.json) {
    std::fputs(ToText(JobToJson(target->job)).c_str(), stdout);
  } else {
    const int64_t now = SystemClock().WallMicros() / 1'000'000;
    std::fputs(RenderJob(target->job, now).c_str(), stdout);
  }
  return kExitDone;
}

}  // namespace

void AddShow(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("show", "Show one job in full, and why it waits or failed");
  const auto id = AddJobArgument(*command);
  command->callback([&invocation, id] {
    invocation.action = [&invocation, id] { return RunShow(invocation, *id); };
  });
}

}  // namespace cusp::client
