#include "client/lib/result_json.h"

#include "catalog/job_check.h"
#include "client/lib/client.h"
#include "client/lib/job_json.h"

namespace cusp::client {
namespace {

using Json = nlohmann::ordered_json;

Json IntervalToJson(const v1::Crossing& crossing) {
  return {{"length", crossing.length()}, {"low", crossing.low()}, {"high", crossing.high()}};
}

Json CostToJson(const v1::Cost& cost) {
  Json json = {{"variant", cost.variant()},
               {"metric", catalog::ToText(cost.metric())},
               {"mode", catalog::ToText(cost.mode())},
               {"dtype", catalog::ToText(cost.dtype())},
               {"batch_size", cost.batch_size()},
               {"length", cost.length()}};
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

Json ProvenanceToJson(const v1::Provenance& provenance) {
  return {{"device_class", provenance.device_class()},
          {"device", provenance.device()},
          {"host", provenance.host()},
          {"driver_version", provenance.driver_version()},
          {"torch_version", provenance.torch_version()},
          {"cusp_version", provenance.cusp_version()},
          {"build_id", provenance.build_id()},
          {"threads", provenance.threads()},
          {"affinity", provenance.affinity()},
          {"allocator", provenance.allocator()},
          {"cpu_capability", provenance.cpu_capability()},
          {"kernel", provenance.kernel()}};
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

Json ComparisonToJson(const v1::Comparison& comparison) {
  Json json = {{"baseline", comparison.baseline()},
               {"candidate", comparison.candidate()},
               {"metric", catalog::ToText(comparison.metric())},
               {"mode", catalog::ToText(comparison.mode())},
               {"dtype", catalog::ToText(comparison.dtype())},
               {"batch_size", comparison.batch_size()},
               {"range", {comparison.range_min(), comparison.range_max()}},
               {"verdict", ToText(comparison.verdict())}};
  json["crossings"] = Json::array();
  for (const v1::Crossing& crossing : comparison.crossings()) {
    Json entry = IntervalToJson(crossing);
    entry["direction"] = crossing.direction() == v1::DIRECTION_DEARER ? "dearer" : "cheaper";
    json["crossings"].push_back(std::move(entry));
  }
  json["first"] = comparison.has_first() ? IntervalToJson(comparison.first()) : Json();
  json["persistent"] =
      comparison.has_persistent() ? IntervalToJson(comparison.persistent()) : Json();
  json["undecided_lengths"] = comparison.undecided_lengths();
  json["equal_lengths"] = comparison.equal_lengths();
  json["blocks_used"] = comparison.blocks_used();
  json["note"] = comparison.note();
  return json;
}

Json ResultToJson(const v1::Job& job, const v1::JobResult& result) {
  Json json = {{"job", JobId(job.name())},
               {"name", job.display_name()},
               {"state", StateName(result.state())},
               {"complete", result.complete()},
               {"unit", catalog::ToText(job.spec().lengths().unit())}};
  if (job.has_failure()) {
    json["failure"] = {{"reason", ToText(job.failure().reason())},
                       {"message", job.failure().message()}};
  }
  json["comparisons"] = Json::array();
  for (const v1::Comparison& comparison : result.comparisons()) {
    json["comparisons"].push_back(ComparisonToJson(comparison));
  }
  json["costs"] = Json::array();
  for (const v1::Cost& cost : result.costs()) {
    json["costs"].push_back(CostToJson(cost));
  }
  json["provenances"] = Json::array();
  for (const v1::Provenance& provenance : result.provenances()) {
    json["provenances"].push_back(ProvenanceToJson(provenance));
  }
  return json;
}

}  // namespace cusp::client
