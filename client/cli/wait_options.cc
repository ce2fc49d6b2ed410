#include "client/cli/wait_options.h"

#include <cstdio>

#include "client/cli/exit_code.h"
#include "client/cli/follow.h"
#include "client/cli/format.h"
#include "client/cli/report.h"
#include "common/clock.h"

namespace cusp::client {

void AddTimeoutOption(CLI::App& command, std::chrono::milliseconds& timeout,
                      const std::string& description) {
  command
      .add_option_function<std::string>(
          "--timeout",
          [&timeout](const std::string& text) {
            timeout = ParseDuration(text).value_or(std::chrono::milliseconds(0));
          },
          description)
      ->type_name("T")
      ->check([](const std::string& text) {
        return std::string(ParseDuration(text).status().message());
      });
}

void AddWaitOptions(CLI::App& command, WaitOptions& options) {
  AddTimeoutOption(command, options.timeout,
                   "Stop waiting after this time, such as 90s or 10m, with exit code 124");
  command.add_flag("--strict", options.strict, "Exit with 8 where a comparison is undecided");
}

int WaitAndReport(Client& client, const std::string& name, const Invocation& invocation,
                  const WaitOptions& options, const Interrupt& interrupt) {
  const SystemClock clock;
  ProgressLine progress(ProgressLine::StyleOf(stderr, invocation.quiet), stderr, clock);
  const FollowEnd end =
      Follow(client, name, {.timeout = options.timeout, .supervise = nullptr}, interrupt, progress);
  if (!end.exit_code) {
    return ReportFindings(client, name, invocation, options.strict, 0);
  }
  if (*end.exit_code == kExitTimeout || interrupt.signal() != 0) {
    progress.Note("the job goes on; `cusp watch " + JobId(name) + "` follows it");
  }
  return *end.exit_code;
}

}  // namespace cusp::client
