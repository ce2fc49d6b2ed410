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
#include "client/cli/dataset_text.h"
#include "client/cli/exit_code.h"
#include "client/cli/job_argument.h"
#include "client/cli/recommend_text.h"
#include "client/lib/dataset_json.h"
#include "client/lib/dataset_lengths.h"
#include "client/lib/datasets.h"
#include "client/lib/job_json.h"
#include "client/lib/job_lengths.h"
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
  std::string dataset;
  bool list_datasets = false;
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

// nullptr where a file has the inputs.
absl::StatusOr<const Dataset*> ChosenDataset(const Arguments& arguments, v1::LengthUnit unit) {
  if (arguments.dataset.empty()) {
    return nullptr;
  }
  return FindDataset(arguments.dataset, unit);
}

absl::StatusOr<std::vector<analysis::LengthCount>> ReadHistogram(const std::string& file,
                                                                 v1::LengthUnit unit) {
  CUSP_ASSIGN_OR_RETURN(const std::string text, ReadFile(file, kMaxHistogramBytes));
  return ParseLengthHistogram(text, file, unit);
}

absl::StatusOr<RecommendRequest> ReadRequest(const Arguments& arguments, const Dataset* dataset,
                                             const v1::JobSpec& spec) {
  const v1::LengthUnit unit = catalog::UnitOf(spec);
  RecommendRequest request;
  if (dataset != nullptr) {
    request.inputs = HistogramOf(*dataset);
  } else {
    CUSP_ASSIGN_OR_RETURN(request.inputs, ReadHistogram(arguments.histogram_file, unit));
  }
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
  if (arguments.id.empty()) {
    return absl::InvalidArgumentError("recommend needs a job's ID; `cusp list` shows them");
  }
  if (arguments.histogram_file.empty() == arguments.dataset.empty()) {
    return absl::InvalidArgumentError(
        "give either --histogram F.csv, your own lengths, or --dataset NAME, those of a public "
        "dataset; `cusp recommend --list-datasets` lists these");
  }
  if (!arguments.bucket_ends.empty() && arguments.batching != "bucketed") {
    return absl::InvalidArgumentError("--buckets is for --batching bucketed; give both");
  }
  if (arguments.batch_size && arguments.batching != "longest") {
    return absl::InvalidArgumentError("--batch-size is for --batching longest; give both");
  }
  return absl::OkStatus();
}

void Warn(const v1::Job& job, const Recommendations& found) {
  if (job.state() != v1::Job::STATE_SUCCEEDED) {
    std::cerr << "cusp: the job did not end, or not in order; this is from what it measured\n";
  }
  for (const std::string& warning : found.warnings) {
    std::cerr << "cusp: " << warning << "\n";
  }
}

void Print(const Recommendations& found, analysis::Batching batching, const Dataset* dataset,
           bool as_json) {
  std::string text;
  if (as_json) {
    nlohmann::ordered_json json = ToJson(found, batching);
    if (dataset != nullptr) {
      json["dataset"] = ToJson(*dataset);
    }
    text = ToText(json);
  } else {
    text = (dataset != nullptr ? DatasetLine(*dataset) + "\n" : "") +
           RenderRecommendations(found, batching);
  }
  std::fputs(text.c_str(), stdout);
}

int ListDatasets(const Invocation& invocation) {
  const std::string text = invocation.json ? ToText(DatasetsToJson()) : RenderDatasets();
  std::fputs(text.c_str(), stdout);
  return kExitDone;
}

int RunRecommend(const Invocation& invocation, const Arguments& arguments) {
  if (arguments.list_datasets) {
    return ListDatasets(invocation);
  }
  if (const absl::Status status = CheckTogether(arguments); !status.ok()) {
    return ReportBadInput(status);
  }
  auto target = OpenJob(invocation, arguments.id);
  if (!target.ok()) {
    return ReportError(target.status());
  }
  const auto dataset = ChosenDataset(arguments, JobLengths(target->job).unit);
  if (!dataset.ok()) {
    return ReportBadInput(dataset.status());
  }
  const absl::StatusOr<RecommendRequest> request =
      ReadRequest(arguments, *dataset, target->job.spec());
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
    Warn(target->job, *found);
  }
  Print(*found, request->batching, *dataset, invocation.json);
  return kExitDone;
}

// Whose lengths count.
void AddInputs(CLI::App& command, Arguments& arguments) {
  command
      .add_option("--histogram", arguments.histogram_file,
                  "CSV: one length per line, or length,count, in the job's unit")
      ->type_name("F.csv");
  command
      .add_option("--dataset", arguments.dataset,
                  "In place of it a public dataset, by its published lengths")
      ->type_name("NAME");
  command.add_flag("--list-datasets", arguments.list_datasets,
                   "Show these datasets with what is published of each; needs no job");
}

// How inputs run together.
void AddBatching(CLI::App& command, Arguments& arguments) {
  command
      .add_option("--batching", arguments.batching,
                  "none: each input at its own length; bucketed: padded to its bucket's end; "
                  "longest: padded to the longest of its batch")
      ->check(CLI::IsMember({"none", "bucketed", "longest"}))
      ->capture_default_str();
  command
      .add_option(
          "--buckets", arguments.bucket_ends,
          "Where buckets end, in the job's unit; default: 16, 32, 64 …, or 1, 2, 4 … seconds")
      ->delimiter(',')
      ->check(CLI::PositiveNumber)
      ->type_name("N,N,…");
  command
      .add_option("--batch-size", arguments.batch_size,
                  "Inputs in a batch, of --batching longest; default: the job's")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 20))
      ->type_name("N");
}

}  // namespace

void AddRecommend(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand(
      "recommend", "Say which variant of a measured job your own inputs call for");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("id", arguments->id, "The job's id, or the beginning of it")->type_name("ID");
  AddInputs(*command, *arguments);
  AddBatching(*command, *arguments);
  command->footer(
      "Costs are of one input: those of the job, divided by its batch size. The choice by length\n"
      "leaves out changes that would save less than half a per cent.");
  command->callback([&invocation, arguments] {
    invocation.action = [&invocation, arguments] { return RunRecommend(invocation, *arguments); };
  });
}

}  // namespace cusp::client
