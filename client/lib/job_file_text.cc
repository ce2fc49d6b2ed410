#include "client/lib/job_file_text.h"

#include <cstdint>
#include <utility>

#include "catalog/job_check.h"
#include "catalog/lengths.h"

namespace cusp::client {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

template <typename Enum>
Json Texts(const google::protobuf::RepeatedField<int>& values) {
  Json json = Json::array();
  for (const int value : values) {
    json.push_back(catalog::ToText(static_cast<Enum>(value)));
  }
  return json;
}

Json AxesToJson(const v1::Axes& axes) {
  Json json = Json::object();
  if (axes.share_layers()) {
    json["share_layers"] = true;
  }
  if (axes.prune() != 0) {
    json["prune"] = axes.prune();
  }
  if (axes.checkpointing()) {
    json["checkpointing"] = true;
  }
  return json;
}

Json VariantToJson(const v1::VariantSpec& variant) {
  Json json = {{"name", variant.name()}};
  if (!variant.model().empty()) {
    json["model"] = variant.model();
  }
  if (variant.attention() != v1::ATTENTION_UNSPECIFIED) {
    json["attention"] = catalog::ToText(variant.attention());
  }
  if (!variant.config_json().empty()) {
    json["config"] = Json::parse(variant.config_json(), nullptr, /*allow_exceptions=*/false);
  }
  if (!variant.config_file_json().empty()) {
    // Its text, not its value: hashes and resumed sweeps depend on each byte.
    json["config_file"] = variant.config_file_json();
  }
  if (!variant.weights_path().empty()) {
    json["weights_file"] = variant.weights_path();
  }
  if (variant.has_axes()) {
    json["axes"] = AxesToJson(variant.axes());
  }
  return json;
}

Json LengthsToJson(const v1::LengthSpec& lengths) {
  const auto in_unit = [&lengths](int64_t length) -> Json {
    if (catalog::BaseUnits(lengths.unit()) == 1) {
      return length;
    }
    return catalog::InUnit(static_cast<double>(length), lengths.unit());
  };
  Json json = Json::object();
  if (lengths.list_size() == 0) {
    json["min"] = in_unit(lengths.min());
    json["max"] = in_unit(lengths.max());
  }
  json["unit"] = catalog::ToText(lengths.unit());
  if (lengths.quantum() > 0) {
    json["quantum"] = in_unit(lengths.quantum());
  }
  for (const int64_t length : lengths.list()) {
    json["list"].push_back(in_unit(length));
  }
  return json;
}

}  // namespace

Json JobFileJson(const v1::JobSpec& spec) {
  Json json = {{"name", spec.name()}, {"preset", spec.preset()}};
  for (const auto& [key, variants] :
       {std::pair("baselines", &spec.baselines()), std::pair("candidates", &spec.candidates())}) {
    json[key] = Json::array();
    for (const v1::VariantSpec& variant : *variants) {
      json[key].push_back(VariantToJson(variant));
    }
  }
  json["modes"] = Texts<v1::Mode>(spec.modes());
  json["metrics"] = Texts<v1::Metric>(spec.metrics());
  json["dtypes"] = Texts<v1::DType>(spec.dtypes());
  json["lengths"] = LengthsToJson(spec.lengths());
  json["batch_size"] = Json::array();
  for (const int32_t size : spec.batch_sizes()) {
    json["batch_size"].push_back(size);
  }
  json["device"] = spec.device();
  json["threads"] = spec.threads();
  json["precision"] = spec.precision();
  json["budget"] = std::to_string(spec.budget().seconds()) + "s";
  json["seed"] = spec.seed();
  if (spec.extend_positions()) {
    json["extend_positions"] = true;
  }
  return json;
}

std::string JobFileText(const v1::JobSpec& spec) {
  const Json json = JobFileJson(spec);
  std::string text;
  for (const auto& [key, value] : json.items()) {
    if (key != "baselines" && key != "candidates") {
      text += key + ": " + Dump(value) + "\n";
      continue;
    }
    text += key + ":\n";
    for (const Json& variant : value) {
      text += "  - " + Dump(variant) + "\n";
    }
  }
  return text;
}

}  // namespace cusp::client
