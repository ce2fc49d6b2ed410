#include "client/lib/recommend_json.h"

#include <cmath>
#include <cstddef>
#include <string>

#include "catalog/job_check.h"
#include "catalog/lengths.h"

namespace cusp::client {
namespace {

using Json = nlohmann::ordered_json;

Json Number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json Interval(const char* name, const analysis::Estimate& estimate) {
  return {{name, Number(estimate.value)},
          {"low", Number(estimate.low)},
          {"high", Number(estimate.high)}};
}

Json Length(double length, v1::LengthUnit unit) {
  const double value = catalog::InUnit(length, unit);
  return value == std::floor(value) ? Json(static_cast<int64_t>(value)) : Json(value);
}

Json Group(const GroupRecommendation& group, v1::LengthUnit unit, analysis::Batching batching) {
  Json costs = Json::array();
  for (size_t v = 0; v < group.variants.size(); ++v) {
    Json cost = {{"variant", group.variants[v]}};
    cost.update(Interval("expected", group.found.expected[v]));
    cost["relative"] = Interval("value", group.found.relative[v]);
    costs.push_back(cost);
  }
  Json choices = Json::array();
  for (const analysis::Choice& choice : group.found.choices) {
    choices.push_back(
        {{"from", Length(choice.from, unit)}, {"variant", group.variants[choice.variant]}});
  }
  Json entry = {{"metric", group.group.metric},
                {"mode", group.group.mode},
                {"dtype", group.group.dtype},
                {"batch_size", group.batch_size},
                {"measured_batch_size", group.measured_batch_size},
                {"batching", ToText(batching)},
                {"range",
                 {Length(static_cast<double>(group.range_min), unit),
                  Length(static_cast<double>(group.range_max), unit)}},
                {"shorter_share", group.shorter},
                {"longer_share", group.longer}};
  entry["costs"] = costs;
  entry["best"] = group.found.best ? Json(group.variants[*group.found.best]) : Json();
  entry["choices"] = choices;
  entry["by_choice"] = Interval("expected", group.found.by_choice);
  entry["saving"] = group.found.saving ? Interval("value", *group.found.saving) : Json();
  return entry;
}

}  // namespace

std::string ToText(analysis::Batching batching) {
  switch (batching) {
    case analysis::Batching::kNone:
      return "none";
    case analysis::Batching::kBucketed:
      return "bucketed";
    case analysis::Batching::kLongest:
      return "longest";
  }
  return "";
}

Json ToJson(const Recommendations& recommendations, analysis::Batching batching) {
  Json json;
  if (const std::string unit = catalog::ToText(recommendations.unit); !unit.empty()) {
    json["unit"] = unit;
  }
  json["recommendations"] = Json::array();
  for (const GroupRecommendation& group : recommendations.groups) {
    json["recommendations"].push_back(Group(group, recommendations.unit, batching));
  }
  return json;
}

}  // namespace cusp::client
