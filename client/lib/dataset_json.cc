#include "client/lib/dataset_json.h"

#include "catalog/job_check.h"
#include "client/lib/dataset_lengths.h"

namespace cusp::client {
namespace {

using Json = nlohmann::ordered_json;

void AddQuantile(const LengthQuantile& quantile, Json& json) {
  json["quantiles"].push_back({{"share", quantile.share}, {"length", quantile.length}});
}

}  // namespace

Json ToJson(const Dataset& dataset) {
  Json json = {{"name", dataset.name},     {"unit", catalog::ToText(dataset.unit)},
               {"what", dataset.what},     {"counted_in", dataset.counted_in},
               {"source", dataset.source}, {"derivation", DerivationOf(dataset)}};
  if (dataset.fixed > 0) {
    json["fixed"] = dataset.fixed;
    return json;
  }
  if (dataset.mean > 0) {
    json["mean"] = dataset.mean;
  }
  if (dataset.median > 0) {
    json["median"] = dataset.median;
  }
  for (const LengthQuantile& quantile : dataset.quantiles) {
    AddQuantile(quantile, json);
  }
  if (dataset.quantiles.empty()) {
    AddQuantile(dataset.high, json);
  }
  return json;
}

Json DatasetsToJson() {
  Json list = Json::array();
  for (const Dataset& dataset : Datasets()) {
    list.push_back(ToJson(dataset));
  }
  return {{"datasets", list}};
}

Json SharesBeyond(const v1::Comparison& comparison, v1::LengthUnit unit) {
  Json shares = Json::array();
  if (!comparison.has_persistent()) {
    return shares;
  }
  const v1::Crossing& crossing = comparison.persistent();
  for (const Dataset& dataset : Datasets()) {
    if (dataset.unit == unit) {
      shares.push_back({{"name", dataset.name},
                        {"share_beyond", ShareBeyond(dataset, crossing.length())},
                        {"low", ShareBeyond(dataset, crossing.high())},
                        {"high", ShareBeyond(dataset, crossing.low())}});
    }
  }
  return shares;
}

}  // namespace cusp::client
