#include "tests/e2e/result_check.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/e2e/planted_job.h"

namespace cusp::e2e {
namespace {

using nlohmann::json;

constexpr double kTolerance = 40;  // of the planted crossing, in tokens

std::string Failed(const std::string& what, const CommandResult& result) {
  return what + " ended with " + std::to_string(result.exit_code) + ": " + result.err;
}

}  // namespace

std::string DifferenceFromAnalysis(const Stack& stack, const std::string& id,
                                   const std::string& baselines) {
  const std::string samples = stack.Path("samples.csv");
  const CommandResult results = stack.Cusp({"results", id, "--samples", samples, "--json"});
  if (results.exit_code != 0) {
    return Failed("results", results);
  }
  const CommandResult analyzed =
      stack.Call({"cusp", "analyze", samples, "--baseline", baselines, "--json"});
  if (analyzed.exit_code != 0) {
    return Failed("analyze", analyzed);
  }
  const json expected = results.Json().at("comparisons");
  const json found = analyzed.Json().at("comparisons");
  if (found.size() != expected.size()) {
    return "analyze finds " + std::to_string(found.size()) + " comparisons, the job " +
           std::to_string(expected.size());
  }
  for (size_t i = 0; i < expected.size(); ++i) {
    for (const auto& [key, value] : expected[i].items()) {
      // A job's note says why measuring ended; a file does not say of which datasets.
      if (key != "note" && key != "datasets" && found[i].value(key, json()) != value) {
        return key + " is " + found[i].value(key, json()).dump() + " by analyze, " + value.dump() +
               " by the job";
      }
    }
  }
  return "";
}

std::string DifferenceFromPlanted(const Stack& stack, const std::string& id) {
  const CommandResult results = stack.Cusp({"results", id, "--json"});
  if (results.exit_code != 0) {
    return Failed("results", results);
  }
  const json result = results.Json();
  const json comparisons = result.at("comparisons");
  if (comparisons.size() != 1 || comparisons[0].at("baseline") != "bert" ||
      comparisons[0].at("candidate") != "lf") {
    return "the comparisons are " + comparisons.dump();
  }
  const json& comparison = comparisons[0];
  const json checks = result.value("self_checks", json::array());
  if (comparison.at("verdict") == "undecided" && !checks.empty() &&
      checks[0].value("differs", false)) {
    return "";  // on a busy machine, by the chance that the A/A check leaves
  }
  if (comparison.at("verdict") != "crosses") {
    return "the verdict is " + comparison.at("verdict").dump();
  }
  const double length = comparison.at("persistent").at("length").get<double>();
  return std::abs(length - kPlantedCrossing) <= kTolerance
             ? ""
             : "the crossing is at " + std::to_string(length);
}

}  // namespace cusp::e2e
