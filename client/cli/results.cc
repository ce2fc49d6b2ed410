#include "client/cli/results.h"

#include <cstdio>
#include <memory>
#include <string>

#include "client/cli/dataset_share_text.h"
#include "client/cli/exit_code.h"
#include "client/cli/expected_text.h"
#include "client/cli/job_argument.h"
#include "client/cli/job_text.h"
#include "client/cli/repeat_command.h"
#include "client/cli/report.h"
#include "client/cli/result_text.h"
#include "client/lib/job_json.h"
#include "client/lib/output_file.h"
#include "client/lib/result_csv.h"
#include "client/lib/result_json.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

struct ResultsOptions {
  std::string id;
  std::string costs_file;
  std::string samples_file;
  bool datasets = false;
  bool strict = false;
  bool flops = false;
};

absl::Status WriteCosts(const v1::Job& job, const v1::JobResult& result, OutputFile file) {
  file.Write(CostsCsv(job, result));
  return file.Commit();
}

absl::Status WriteSamples(JobTarget& target, const v1::JobResult& result, OutputFile file) {
  if (target.job.has_samples_prune_time()) {
    std::fprintf(stderr, "cusp: %s\n", PrunedText(target.job).c_str());
  }
  const SamplesCsv csv(target.job, result);
  file.Write(SamplesCsv::Header());
  for (const v1::Sweep& sweep : target.job.sweeps()) {
    CUSP_RETURN_IF_ERROR(target.session->client().ForEachBlock(
        sweep.name(), [&](const v1::Block& block) { file.Write(csv.Rows(sweep, block)); }));
  }
  return file.Commit();
}

// Writes the files asked for; kExitDone or the code of what went wrong.
int Export(JobTarget& target, const v1::JobResult& result, const ResultsOptions& options) {
  if (!options.costs_file.empty()) {
    auto file = OutputFile::Create(options.costs_file);
    if (!file.ok()) {
      return ReportBadInput(file.status());
    }
    if (const absl::Status status = WriteCosts(target.job, result, *std::move(file));
        !status.ok()) {
      return ReportError(status);
    }
  }
  if (!options.samples_file.empty()) {
    auto file = OutputFile::Create(options.samples_file);
    if (!file.ok()) {
      return ReportBadInput(file.status());
    }
    if (const absl::Status status = WriteSamples(target, result, *std::move(file)); !status.ok()) {
      return ReportError(status);
    }
  }
  return kExitDone;
}

int RunResults(const Invocation& invocation, const ResultsOptions& options) {
  auto target = OpenJob(invocation, options.id);
  if (!target.ok()) {
    return ReportError(target.status());
  }
  const auto result = target->session->client().GetJobResult(target->job.name());
  if (!result.ok()) {
    return ReportError(result.status());
  }
  if (const int code = Export(*target, *result, options); code != kExitDone) {
    return code;
  }
  const std::string repeat =
      RepeatCommand(target->job, invocation, target->session->service() != nullptr);
  if (invocation.json) {
    nlohmann::ordered_json json = ResultToJson(target->job, *result);
    json["repeat"] = repeat;
    std::fputs(ToText(json).c_str(), stdout);
  } else if (options.flops) {
    std::fputs(RenderFlops(target->job, *result).c_str(), stdout);
  } else if (options.costs_file != "-" && options.samples_file != "-") {
    const std::string text = RenderResult(target->job, *result) +
                             (options.datasets ? "\n" + RenderDatasetShares(target->job, *result)
                                               : DatasetHint(target->job, *result)) +
                             RenderRepeat(repeat, *result);
    std::fputs(text.c_str(), stdout);
  }
  return options.strict ? StrictExitCode(*result) : kExitDone;
}

}  // namespace

void AddResults(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("results", "Print and export what a job found");
  auto options = std::make_shared<ResultsOptions>();
  command->add_option("id", options->id, "The job's id, or the beginning of it")
      ->required()
      ->type_name("ID");
  CLI::Option* csv = command->add_option("--csv", options->costs_file,
                                         "Write the median cost at each length; - is stdout");
  csv->type_name("FILE");
  command
      ->add_option("--samples", options->samples_file,
                   "Write every sample, for `cusp analyze` and others; - is stdout")
      ->type_name("FILE");
  command->add_flag("--datasets", options->datasets,
                    "Show which share of public datasets is longer than each tipping point");
  command->add_flag("--flops", options->flops,
                    "Print FLOP of each latency, what was achieved of the device's ceiling, and "
                    "what was predicted");
  command->add_flag("--strict", options->strict, "Exit with 8 where a comparison is undecided");
  command->callback([&invocation, options] {
    invocation.action = [&invocation, options] {
      const int to_stdout = static_cast<int>(options->costs_file == "-") +
                            static_cast<int>(options->samples_file == "-") +
                            static_cast<int>(invocation.json);
      if (to_stdout > 1) {
        return ReportBadInput(absl::InvalidArgumentError(
            "only one of --json, --csv - and --samples - can go to standard output"));
      }
      return RunResults(invocation, *options);
    };
  });
}

}  // namespace cusp::client
