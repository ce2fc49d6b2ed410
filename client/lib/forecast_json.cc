#include "client/lib/forecast_json.h"

#include <utility>

#include "catalog/job_check.h"

namespace cusp::client {
namespace {

using Json = nlohmann::ordered_json;

Json NamesOf(const std::vector<v1::Metric>& metrics) {
  Json names = Json::array();
  for (const v1::Metric metric : metrics) {
    names.push_back(catalog::ToText(metric));
  }
  return names;
}

Json SweepToJson(const SweepForecast& sweep, const JobLengths& lengths) {
  Json json = {{"mode", catalog::ToText(sweep.mode)},
               {"dtype", catalog::ToText(sweep.dtype)},
               {"fitted_costs", sweep.fitted.costs},
               {"factors",
                {{"products", sweep.fitted.factors[0]},
                 {"traffic", sweep.fitted.factors[1]},
                 {"launches", sweep.fitted.factors[2]}}},
               {"seconds", sweep.plan.seconds},
               {"blocks", sweep.plan.blocks},
               {"memory_probes", sweep.plan.probes},
               {"budget_suffices", sweep.plan.enough},
               {"not_counted", NamesOf(sweep.plan.not_counted)}};
  json["costs"] = Json::array();
  for (const VariantForecast& variant : sweep.costs) {
    for (size_t i = 0; i < sweep.lengths.size(); ++i) {
      json["costs"].push_back({{"variant", variant.variant},
                               {"batch_size", variant.batch_size},
                               {"length", lengths.ToJson(sweep.lengths[i])},
                               {"latency", variant.seconds[i]},
                               {"weight_bytes", variant.weight_bytes}});
    }
  }
  json["comparisons"] = Json::array();
  for (const ComparisonForecast& comparison : sweep.comparisons) {
    json["comparisons"].push_back(PredictedToJson(comparison, lengths));
  }
  return json;
}

}  // namespace

Json ForecastToJson(const Forecast& forecast, const JobLengths& lengths) {
  Json json = {{"device_class", forecast.worker.device_class()},
               {"device", forecast.worker.device()},
               {"threads", forecast.threads}};
  json["sweeps"] = Json::array();
  for (const SweepForecast& sweep : forecast.sweeps) {
    json["sweeps"].push_back(SweepToJson(sweep, lengths));
  }
  return json;
}

Json PredictedToJson(const ComparisonForecast& comparison, const JobLengths& lengths) {
  Json crossings = Json::array();
  for (const ExpectedChange& change : comparison.order.changes) {
    crossings.push_back({{"length", lengths.ToJson(change.length)},
                         {"direction", change.cheaper ? "cheaper" : "dearer"}});
  }
  return {{"baseline", comparison.baseline},
          {"candidate", comparison.candidate},
          {"batch_size", comparison.batch_size},
          {"cheaper_at_first", comparison.order.cheaper_at_first},
          {"crossings", std::move(crossings)}};
}

Json ErrorToJson(const ExpectationError& error) {
  return {{"factor", error.factor},
          {"median_error", error.median},
          {"worst_error", error.worst},
          {"costs", error.costs}};
}

Json SpeedToJson(const v1::DeviceSpeed& speed) {
  Json json = Json::array();
  for (const v1::ThreadSpeed& at : speed.threads()) {
    Json flops = Json::object();
    for (const v1::ProductSpeed& product : at.products()) {
      flops[catalog::ToText(product.dtype())] = product.flops_per_second();
    }
    json.push_back({{"threads", at.threads()},
                    {"flops_per_second", std::move(flops)},
                    {"bytes_per_second", at.bytes_per_second()},
                    {"launch_seconds", at.launch_seconds()}});
  }
  return json;
}

}  // namespace cusp::client
