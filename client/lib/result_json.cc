#include "client/lib/result_json.h"

#include <cmath>
#include <utility>
#include <vector>

#include "catalog/job_check.h"
#include "catalog/lengths.h"
#include "catalog/metrics.h"
#include "client/lib/client.h"
#include "client/lib/dataset_json.h"
#include "client/lib/expectation.h"
#include "client/lib/forecast_json.h"
#include "client/lib/job_json.h"
#include "client/lib/provenance_json.h"

namespace cusp::client {
namespace {

using Json = nlohmann::ordered_json;

// Adds what inputs of these lengths become for both variants: one number, or one for
// each length.
void AddTokens(const v1::Comparison& comparison, const JobLengths& lengths,
               const std::vector<int64_t>& at, Json& json) {
  for (const auto& [key, variant] : {std::pair("tokens_baseline", comparison.baseline()),
                                     std::pair("tokens_candidate", comparison.candidate())}) {
    Json tokens = Json::array();
    for (const int64_t length : at) {
      if (const auto count = lengths.tokens.At(variant, length)) {
        tokens.push_back(*count);
      }
    }
    if (!tokens.empty()) {
      json[key] = at.size() == 1 ? tokens[0] : tokens;
    }
  }
}

Json CrossingToJson(const v1::Crossing& crossing, const v1::Comparison& comparison,
                    const JobLengths& lengths) {
  Json json;
  json["length"] = catalog::InUnit(crossing.length(), lengths.unit);
  json["low"] = catalog::InUnit(crossing.low(), lengths.unit);
  json["high"] = catalog::InUnit(crossing.high(), lengths.unit);
  AddTokens(comparison, lengths, {std::llround(crossing.length())}, json);
  return json;
}

template <typename List>
Json LengthsToJson(const List& list, const JobLengths& lengths) {
  Json json = Json::array();
  for (const int64_t length : list) {
    json.push_back(lengths.ToJson(length));
  }
  return json;
}

Json CostToJson(const v1::Cost& cost, const JobLengths& lengths) {
  Json json = {{"variant", cost.variant()},
               {"metric", catalog::ToText(cost.metric())},
               {"mode", catalog::ToText(cost.mode())},
               {"dtype", catalog::ToText(cost.dtype())},
               {"batch_size", cost.batch_size()},
               {"length", lengths.ToJson(cost.length())}};
  if (const auto tokens = lengths.tokens.At(cost.variant(), cost.length())) {
    json["tokens"] = *tokens;
  }
  if (cost.outcome() == v1::OUTCOME_OK) {
    json["value"] = cost.median();
    json["low"] = cost.low();
    json["high"] = cost.high();
  } else {
    json["value"] = nullptr;
  }
  json["samples"] = cost.samples();
  json["outcome"] = ToText(cost.outcome());
  if (!cost.failure_message().empty()) {
    json["failure_message"] = cost.failure_message();
  }
  return json;
}

Json SelfCheckToJson(const v1::SelfCheck& check, const JobLengths& lengths) {
  return {{"variant", check.variant()},
          {"mode", catalog::ToText(check.mode())},
          {"dtype", catalog::ToText(check.dtype())},
          {"batch_size", check.batch_size()},
          {"length", lengths.ToJson(check.length())},
          {"blocks", check.blocks()},
          {"ratio", check.median_ratio()},
          {"low", check.low()},
          {"high", check.high()},
          {"differs", check.differs()}};
}

void AddExpected(const ExpectedCost& expected, const v1::Cost& cost, Json& json) {
  json["predicted"] = expected.seconds;
  json["flops"] = expected.flops;
  json["achieved_flops_per_second"] = expected.flops / cost.median();
  json["ceiling_flops_per_second"] = expected.ceiling_flops_per_second;
}

// Apart from the comparisons themselves, which are alike in every command.
Json PredictedOrders(const v1::Sweep& sweep, const v1::JobResult& result,
                     const Expectation& expectation, const JobLengths& lengths) {
  Json json = Json::array();
  for (const v1::Comparison& comparison : result.comparisons()) {
    if (comparison.mode() != sweep.mode() || comparison.dtype() != sweep.dtype()) {
      continue;
    }
    if (const auto order = expectation.Of(comparison)) {
      json.push_back(PredictedToJson({.baseline = comparison.baseline(),
                                      .candidate = comparison.candidate(),
                                      .batch_size = comparison.batch_size(),
                                      .order = *order},
                                     lengths));
    }
  }
  return json;
}

Json PredictionsToJson(const v1::Job& job, const v1::JobResult& result,
                       const Expectation& expectation, const JobLengths& lengths) {
  Json json = Json::array();
  for (const v1::Sweep& sweep : job.sweeps()) {
    if (const auto error = expectation.ErrorOf(sweep, result)) {
      Json entry = {{"mode", catalog::ToText(sweep.mode())},
                    {"dtype", catalog::ToText(sweep.dtype())}};
      entry.update(ErrorToJson(*error));
      entry["device_speed"] = SpeedToJson(sweep.device_speed());
      entry["comparisons"] = PredictedOrders(sweep, result, expectation, lengths);
      json.push_back(std::move(entry));
    }
  }
  return json;
}

}  // namespace

std::string ToText(v1::Verdict verdict) {
  switch (verdict) {
    case v1::VERDICT_CROSSES:
      return "crosses";
    case v1::VERDICT_ALWAYS:
      return "always";
    case v1::VERDICT_NEVER:
      return "never";
    default:
      return "undecided";
  }
}

std::string ToText(v1::Outcome outcome) {
  switch (outcome) {
    case v1::OUTCOME_OK:
      return "ok";
    case v1::OUTCOME_OUT_OF_MEMORY:
      return "oom";
    case v1::OUTCOME_CRASHED:
      return "crashed";
    case v1::OUTCOME_TIMED_OUT:
      return "timed_out";
    default:
      return "invalid";
  }
}

Json ComparisonToJson(const v1::Comparison& comparison, const JobLengths& lengths) {
  const std::vector<int64_t> range = {comparison.range_min(), comparison.range_max()};
  Json json = {{"baseline", comparison.baseline()},
               {"candidate", comparison.candidate()},
               {"metric", catalog::ToText(comparison.metric())},
               {"mode", catalog::ToText(comparison.mode())},
               {"dtype", catalog::ToText(comparison.dtype())},
               {"batch_size", comparison.batch_size()},
               {"range", LengthsToJson(range, lengths)}};
  AddTokens(comparison, lengths, range, json);
  json["verdict"] = ToText(comparison.verdict());
  json["crossings"] = Json::array();
  for (const v1::Crossing& crossing : comparison.crossings()) {
    Json entry = CrossingToJson(crossing, comparison, lengths);
    entry["direction"] = crossing.direction() == v1::DIRECTION_DEARER ? "dearer" : "cheaper";
    json["crossings"].push_back(std::move(entry));
  }
  json["first"] =
      comparison.has_first() ? CrossingToJson(comparison.first(), comparison, lengths) : Json();
  json["persistent"] = comparison.has_persistent()
                           ? CrossingToJson(comparison.persistent(), comparison, lengths)
                           : Json();
  json["undecided_lengths"] = LengthsToJson(comparison.undecided_lengths(), lengths);
  json["equal_lengths"] = LengthsToJson(comparison.equal_lengths(), lengths);
  json["blocks_used"] = comparison.blocks_used();
  json["note"] = comparison.note();
  return json;
}

Json ResultToJson(const v1::Job& job, const v1::JobResult& result) {
  const JobLengths lengths(job);
  Json json = {{"job", JobId(job.name())},
               {"name", job.display_name()},
               {"state", StateName(result.state())},
               {"complete", result.complete()},
               {"unit", catalog::ToText(lengths.unit)}};
  if (job.has_failure()) {
    json["failure"] = {{"reason", ToText(job.failure().reason())},
                       {"message", job.failure().message()}};
  }
  const Expectation expectation(job);
  json["comparisons"] = Json::array();
  json["beside"] = Json::array();
  for (const v1::Comparison& comparison : result.comparisons()) {
    Json entry = ComparisonToJson(comparison, lengths);
    const bool asked = catalog::IsAskedFor(comparison.metric());
    if (asked) {
      entry["datasets"] = SharesBeyond(comparison, lengths.unit);
    }
    json[asked ? "comparisons" : "beside"].push_back(std::move(entry));
  }
  json["costs"] = Json::array();
  for (const v1::Cost& cost : result.costs()) {
    json["costs"].push_back(CostToJson(cost, lengths));
    if (const auto expected = expectation.Of(cost)) {
      AddExpected(*expected, cost, json["costs"].back());
    }
  }
  json["self_checks"] = Json::array();
  for (const v1::SelfCheck& check : result.self_checks()) {
    json["self_checks"].push_back(SelfCheckToJson(check, lengths));
  }
  json["predictions"] = PredictionsToJson(job, result, expectation, lengths);
  json["provenances"] = Json::array();
  for (const v1::Provenance& provenance : result.provenances()) {
    json["provenances"].push_back(ProvenanceToJson(provenance, job.spec()));
  }
  return json;
}

}  // namespace cusp::client
