#include "client/cli/admin_prune.h"

#include <charconv>
#include <chrono>
#include <cstdint>
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

struct PruneOptions {
  std::string older_than;
  bool dry_run = false;
};

// "180d", or a duration as elsewhere.
absl::StatusOr<std::chrono::seconds> AgeOf(const std::string& text) {
  int64_t days = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, days);
  if (error == std::errc() && stop + 1 == end && *stop == 'd' && days > 0 && days <= 100'000) {
    return std::chrono::hours(24 * days);
  }
  const auto duration = ParseDuration(text);
  if (!duration.ok() || *duration < std::chrono::hours(1)) {
    return absl::InvalidArgumentError("--older-than " + text +
                                      ": write an age of at least an hour, such as 180d or 36h");
  }
  return std::chrono::duration_cast<std::chrono::seconds>(*duration);
}

int RunPrune(const Invocation& invocation, const PruneOptions& options) {
  const auto age = AgeOf(options.older_than);
  if (!age.ok()) {
    return ReportBadInput(age.status());
  }
  const auto session = Session::Open(invocation, Need::kAny);
  if (!session.ok()) {
    return ReportError(session.status());
  }
  const auto counts = PruneSamples((*session)->connection(), *age, options.dry_run);
  if (!counts.ok()) {
    return ReportError(counts.status());
  }
  if (invocation.json) {
    std::fputs(ToText({{"dry_run", options.dry_run},
                       {"jobs", counts->jobs()},
                       {"blocks", counts->blocks()},
                       {"samples", counts->samples()}})
                   .c_str(),
               stdout);
  } else if (!invocation.quiet) {
    std::printf("%s %s samples in %s blocks of %s jobs\n",
                options.dry_run ? "would drop" : "dropped", FormatCount(counts->samples()).c_str(),
                FormatCount(counts->blocks()).c_str(), FormatCount(counts->jobs()).c_str());
  }
  return kExitDone;
}

}  // namespace

void AddAdminPrune(CLI::App& admin, Invocation& invocation) {
  CLI::App* command = admin.add_subcommand(
      "prune", "Drop samples of jobs that ended long ago; costs and tipping points stay");
  auto options = std::make_shared<PruneOptions>();
  command->add_option("--older-than", options->older_than, "Jobs that ended so long ago: 180d, 36h")
      ->required()
      ->type_name("AGE");
  command->add_flag("--dry-run", options->dry_run, "Only count");
  command->callback([&invocation, options] {
    invocation.action = [&invocation, options] { return RunPrune(invocation, *options); };
  });
}

}  // namespace cusp::client
