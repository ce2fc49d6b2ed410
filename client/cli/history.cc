#include "client/cli/history.h"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "catalog/job_check.h"
#include "client/cli/exit_code.h"
#include "client/cli/format.h"
#include "client/cli/history_text.h"
#include "client/cli/session.h"
#include "client/lib/history.h"
#include "client/lib/job_json.h"
#include "common/clock.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

struct HistoryOptions {
  std::string baseline;
  std::string candidate;
  std::string metric;
  std::string mode;
  std::string dtype;
  std::string device;
  std::string since;
  std::string until;
  std::string driver;
  std::string cusp_version;
  std::string torch_version;
  std::string host;
  int64_t limit = 0;
};

absl::Status SetTime(const std::string& text, google::protobuf::Timestamp* time) {
  const auto seconds = ParseSince(text, SystemClock().WallMicros() / 1'000'000);
  if (!seconds.ok()) {
    return seconds.status();
  }
  time->set_seconds(*seconds);
  return absl::OkStatus();
}

absl::StatusOr<v1::ListHistoryRequest> FiltersOf(const HistoryOptions& options) {
  v1::ListHistoryRequest filters;
  filters.set_baseline(options.baseline);
  filters.set_candidate(options.candidate);
  filters.set_metric(catalog::MetricFromText(options.metric));
  filters.set_mode(catalog::ModeFromText(options.mode));
  filters.set_dtype(catalog::DTypeFromText(options.dtype));
  filters.set_device(options.device);
  filters.set_driver_version(options.driver);
  filters.set_cusp_version(options.cusp_version);
  filters.set_torch_version(options.torch_version);
  filters.set_host(options.host);
  if (!options.since.empty()) {
    CUSP_RETURN_IF_ERROR(SetTime(options.since, filters.mutable_since_time()));
  }
  if (!options.until.empty()) {
    CUSP_RETURN_IF_ERROR(SetTime(options.until, filters.mutable_until_time()));
  }
  return filters;
}

int RunHistory(const Invocation& invocation, const HistoryOptions& options) {
  const auto filters = FiltersOf(options);
  if (!filters.ok()) {
    return ReportBadInput(filters.status());
  }
  const auto session = Session::Open(invocation, Need::kAny);
  if (!session.ok()) {
    return ReportError(session.status());
  }
  const auto entries = (*session)->client().ListHistory(*filters, options.limit);
  if (!entries.ok()) {
    return ReportError(entries.status());
  }
  if (invocation.json) {
    std::fputs(ToText(HistoryToJson(*entries)).c_str(), stdout);
  } else if (!entries->empty()) {
    std::fputs(RenderHistory(*entries).c_str(), stdout);
  } else if (!invocation.quiet) {
    std::fputs("cusp: nothing matches\n", stderr);
  }
  return kExitDone;
}

std::vector<std::string> Strings(const std::vector<std::string_view>& texts) {
  return {texts.begin(), texts.end()};
}

void AddFilters(CLI::App& command, HistoryOptions& options) {
  command.add_option("--baseline", options.baseline, "Only this baseline, by its name in the job")
      ->type_name("NAME");
  command.add_option("--candidate", options.candidate, "Only this candidate, likewise")
      ->type_name("NAME");
  command.add_option("--metric", options.metric, "Only this metric, such as peak_memory")
      ->check(CLI::IsMember(Strings(catalog::MetricTexts())))
      ->type_name("METRIC");
  command.add_option("--mode", options.mode, "Only this mode, such as inference")
      ->check(CLI::IsMember(Strings(catalog::ModeTexts())))
      ->type_name("MODE");
  command.add_option("--dtype", options.dtype, "Only this number type, such as float32")
      ->check(CLI::IsMember(Strings(catalog::DTypeTexts())))
      ->type_name("DTYPE");
  command
      .add_option("--device", options.device,
                  "Only this device class, as `cusp workers` shows it, or cpu, cuda, cuda:0")
      ->type_name("DEVICE");
  command
      .add_option("--since", options.since,
                  "Only what ended since a date (2026-11-01, UTC), or within a time (30d, 12h)")
      ->type_name("WHEN");
  command
      .add_option("--until", options.until, "Only what ended before a date, or before a time ago")
      ->type_name("WHEN");
  command
      .add_option("--driver", options.driver,
                  "Only this version of the driver, or what it begins with (550 for 550.54.15)")
      ->type_name("VERSION");
  command.add_option("--cusp-version", options.cusp_version, "Only this version of Cusp, likewise")
      ->type_name("VERSION");
  command
      .add_option("--torch-version", options.torch_version,
                  "Only this version of LibTorch, likewise")
      ->type_name("VERSION");
  command.add_option("--host", options.host, "Only what was measured on this host")
      ->type_name("HOST");
}

}  // namespace

void AddHistory(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("history", "Show tipping points over jobs, devices and dates");
  auto options = std::make_shared<HistoryOptions>();
  AddFilters(*command, *options);
  command->add_option("--limit", options->limit, "Show at most so many, the newest")
      ->type_name("N")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000'000}));
  command->callback([&invocation, options] {
    invocation.action = [&invocation, options] { return RunHistory(invocation, *options); };
  });
}

}  // namespace cusp::client
