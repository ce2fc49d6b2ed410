#include "client/cli/analyze.h"

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "catalog/job_check.h"
#include "client/cli/analysis_text.h"
#include "client/cli/exit_code.h"
#include "client/lib/analyze.h"
#include "client/lib/cost_csv.h"
#include "client/lib/job_json.h"
#include "client/lib/result_json.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

constexpr size_t kMaxFileBytes = size_t{1} << 30U;
constexpr size_t kMostWarnings = 10;

struct Arguments {
  std::string file;
  std::string baseline;
  bool strict = false;
};

absl::StatusOr<Analysis> ReadAndAnalyze(const Arguments& arguments) {
  CUSP_ASSIGN_OR_RETURN(const std::string text, ReadFile(arguments.file, kMaxFileBytes));
  CUSP_ASSIGN_OR_RETURN(CostTable table, ParseCostCsv(text, arguments.file));
  return Analyze(std::move(table), arguments.file, arguments.baseline);
}

// Every line of JSON text moved to the right, without the last line's end. No
// string of JSON holds a line's end itself.
std::string Indented(const std::string& text, size_t by) {
  std::string indented;
  indented.reserve(text.size() * 2);
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    indented.append(begin == 0 ? "" : "\n").append(by, ' ').append(text, begin, end - begin);
    begin = end + 1;
  }
  return indented;
}

// One at a time: the tree of hundreds of thousands of them would not fit.
void PrintJson(const Analysis& analysis, std::ostream& out) {
  JobLengths lengths;
  lengths.unit = analysis.unit;
  out << "{\n";
  if (const std::string unit = catalog::ToText(analysis.unit); !unit.empty()) {
    out << "  \"unit\": \"" << unit << "\",\n";
  }
  out << "  \"comparisons\": [";
  for (const AnalyzedComparison& analyzed : analysis.comparisons) {
    nlohmann::ordered_json entry = ComparisonToJson(analyzed.comparison, lengths);
    // The file's own words, also for what Cusp itself does not measure.
    entry["metric"] = analyzed.group.metric;
    entry["mode"] = analyzed.group.mode;
    entry["dtype"] = analyzed.group.dtype;
    if (analyzed.group.batch_size.empty()) {
      entry.erase("batch_size");
    }
    out << (&analyzed == &analysis.comparisons.front() ? "\n" : ",\n")
        << Indented(ToText(entry), 4);
  }
  out << "\n  ]\n}\n";
}

void PrintWarnings(const Analysis& analysis, const std::string& file) {
  for (size_t i = 0; i < std::min(analysis.warnings.size(), kMostWarnings); ++i) {
    std::cerr << "cusp: " << file << ": " << analysis.warnings[i] << "\n";
  }
  if (analysis.warnings.size() > kMostWarnings) {
    std::cerr << "cusp: " << file << ": and " << analysis.warnings.size() - kMostWarnings
              << " more like these\n";
  }
}

int RunAnalyze(const Invocation& invocation, const Arguments& arguments) {
  const absl::StatusOr<Analysis> analysis = ReadAndAnalyze(arguments);
  if (!analysis.ok()) {
    return ReportBadInput(analysis.status());
  }
  if (!invocation.quiet) {
    PrintWarnings(*analysis, arguments.file);
  }
  if (invocation.json) {
    PrintJson(*analysis, std::cout);
  } else {
    std::cout << RenderAnalysis(*analysis);
  }
  const bool undecided =
      std::any_of(analysis->comparisons.begin(), analysis->comparisons.end(),
                  [](const AnalyzedComparison& analyzed) {
                    return analyzed.comparison.verdict() == v1::VERDICT_UNDECIDED;
                  });
  return arguments.strict && undecided ? kExitUndecided : kExitDone;
}

}  // namespace

void AddAnalyze(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("analyze", "Find tipping points in a CSV file of any tool's numbers");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("file", arguments->file, "CSV with the columns variant, length and value")
      ->type_name("F.csv")
      ->required();
  command
      ->add_option("--baseline", arguments->baseline, "Variant that all others are compared with")
      ->type_name("NAME")
      ->required();
  command->add_flag("--strict", arguments->strict, "Exit with 8 where a verdict is undecided");
  command->footer(
      "Optional columns: metric (default latency; of throughput, higher is better), mode, dtype,\n"
      "block (rows of one block were measured together), batch_size, padding_quantum (what the\n"
      "variant pads lengths to), length_unit (of seconds, lengths may be fractions). A value may\n"
      "be oom. With one value per length the values are taken as exact.");
  command->callback([&invocation, arguments] {
    invocation.action = [&invocation, arguments] { return RunAnalyze(invocation, *arguments); };
  });
}

}  // namespace cusp::client
