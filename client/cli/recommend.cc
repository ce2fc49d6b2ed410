#include "client/cli/recommend.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catalog/job_check.h"
#include "catalog/lengths.h"
#include "client/cli/exit_code.h"
#include "client/cli/job_argument.h"
#include "client/cli/recommend_text.h"
#include "client/lib/job_json.h"
#include "client/lib/length_histogram.h"
#include "client/lib/recommend.h"
#include "client/lib/recommend_json.h"
#include "client/lib/result_csv.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

constexpr size_t kMaxHistogramBytes = size_t{1} << 28U;

struct Arguments {
  std::string id;
  std::string histogram_file;
  std::string batching = "none";
  std::vector<double> bucket_ends;  // in the job's unit
  std::optional<int64_t> batch_size;
};

// Every sample of the job, as the analysis of its exported file reads them.
// FAILED_PRECONDITION where there is none yet.
absl::StatusOr<CostTable> ReadSamples(JobTarget& target) {
  CUSP_ASSIGN_OR_RETURN(const v1::JobResult result,
                        target.session->client().GetJobResult(target.job.name()));
  const SamplesCsv csv(target.job, result);
  std::string text = SamplesCsv::Header();
  for (const v1::Sweep& sweep : target.job.sweeps()) {
    CUSP_RETURN_IF_ERROR(target.session->client().ForEachBlock(
        sweep.name(), [&](const v1::Block& block) { text += csv.Rows(sweep, block); }));
  }
  if (text == SamplesCsv::Header()) {
    return absl::FailedPreconditionError("job " + JobId(target.job.name()) +
                                         " has measured nothing yet");
  }
  return ParseCostCsv(text, target.job.name());
}

absl::StatusOr<RecommendRequest> ReadRequest(const Arguments& arguments, const v1::JobSpec& spec) {
  const v1::LengthUnit unit = catalog::UnitOf(spec);
  RecommendRequest request;
  CUSP_ASSIGN_OR_RETURN(const std::string text,
                        ReadFile(arguments.histogram_file, kMaxHistogramBytes));
  CUSP_ASSIGN_OR_RETURN(request.inputs, ParseLengthHistogram(text, arguments.histogram_file, unit));
  for (const analysis::Batching batching :
       {analysis::Batching::kBucketed, analysis::Batching::kLongest}) {
    request.batching = arguments.batching == ToText(batching) ? batching : request.batching;
  }
  for (const double end : arguments.bucket_ends) {
    const auto length = static_cast<double>(catalog::FromUnit(end, unit));
    if (!request.bucket_ends.empty() && !(length > request.bucket_ends.back())) {
      return absl::InvalidArgumentError("--buckets: write where each ends, in ascending order");
    }
    request.bucket_ends.push_back(length);
  }
  request.batch_size = arguments.batch_size;
  // A job of a newer coordinator may have variants that are unknown here.
  if (const auto variants = catalog::ResolveVariants(spec); variants.ok()) {
    for (const catalog::ResolvedVariant& variant : *variants) {
      request.paddings[variant.name] = {.quantum = variant.quantum, .slack = variant.slack};
    }
  }
  return request;
}

absl::Status CheckTogether(const Arguments& arguments) {
  if (!arguments.bucket_ends.empty() && arguments.batching != "bucketed") {
    return absl::InvalidArgumentError("--buckets is for --batching bucketed; give both");
  }
  if (arguments.batch_size && arguments.batching != "longest") {
    return absl::InvalidArgumentError("--batch-size is for --batching longest; give both");
  }
  return absl::OkStatus();
}

int RunRecommend(const Invocation& invocation, const Arguments& arguments) {
  if (const absl::Status status = CheckTogether(arguments); !status.ok()) {
    return ReportBadInput(status);
  }
  auto target = OpenJob(invocation, arguments.id);
  if (!target.ok()) {
    return ReportError(target.status());
  }
  const absl::StatusOr<RecommendRequest> request = ReadRequest(arguments, target->job.spec());
  if (!request.ok()) {
    return ReportBadInput(request.status());
  }
  absl::StatusOr<CostTable> table = ReadSamples(*target);
  if (!table.ok()) {
    return ReportError(table.status());
  }
  const absl::StatusOr<Recommendations> found =
      RecommendFrom(*std::move(table), target->job.name(), *request);
  if (!found.ok()) {
    return ReportBadInput(found.status());
  }
  if (!invocation.quiet) {
    if (target->job.state() != v1::Job::STATE_SUCCEEDED) {
      std::cerr << "cusp: the job did not end, or not in order; this is from what it measured\n";
    }
    for (const std::string& warning : found->warnings) {
      std::cerr << "cusp: " << warning << "\n";
    }
  }
  std::fputs(invocation.json ? ToText(ToJson(*found, request->batching)).c_str()
                             : RenderRecommendations(*found, request->batching).c_str(),
             stdout);
  return kExitDone;
}

}  // namespace

void AddRecommend(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand(
      "recommend", "Say which variant of a measured job your own inputs call for");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("id", arguments->id, "The job's id, or the beginning of it")
      ->required()
      ->type_name("ID");
  command
      ->add_option("--histogram", arguments->histogram_file,
                   "CSV: one length per line, or length,count, in the job's unit")
      ->required()
      ->type_name("F.csv");
  command
      ->add_option("--batching", arguments->batching,
                   "none: each input at its own length; bucketed: padded to its bucket's end; "
                   "longest: padded to the longest of its batch")
      ->check(CLI::IsMember({"none", "bucketed", "longest"}))
      ->capture_default_str();
  command
      ->add_option(
          "--buckets", arguments->bucket_ends,
          "Where buckets end, in the job's unit; default: 16, 32, 64 …, or 1, 2, 4 … seconds")
      ->delimiter(',')
      ->check(CLI::PositiveNumber)
      ->type_name("N,N,…");
  command
      ->add_option("--batch-size", arguments->batch_size,
                   "Inputs in a batch, of --batching longest; default: the job's")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 20))
      ->type_name("N");
  command->footer(
      "Costs are of one input: those of the job, divided by its batch size. The choice by length\n"
      "leaves out changes that would save less than half a per cent.");
  command->callback([&invocation, arguments] {
    invocation.action = [&invocation, arguments] { return RunRecommend(invocation, *arguments); };
  });
}

}  // namespace cusp::client
