#include "worker/models/config.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catalog/axes.h"
#include "catalog/catalog.h"
#include "catalog/quote.h"
#include "common/status_macros.h"

namespace cusp::models {
namespace {

absl::Status Invalid(const std::string& message) {
  return absl::InvalidArgumentError(absl::StrCat("configuration: ", message));
}

std::string KnownTypes() {
  std::vector<std::string> names;
  for (const catalog::Model& model : catalog::Models()) {
    names.emplace_back(model.name);
  }
  return absl::StrJoin(names, ", ");
}

absl::StatusOr<const catalog::Model*> ModelOf(const std::string& text) {
  auto values = catalog::ParseConfigObject(text);
  if (!values.ok()) {
    return Invalid(std::string(values.status().message()));
  }
  const auto type = values->find("model_type");
  if (type == values->end() || !type->is_string()) {
    return Invalid("model_type is missing; one of " + KnownTypes());
  }
  const std::string name = type->get<std::string>();
  if (const catalog::Model* model = catalog::FindModel(name); model != nullptr) {
    return model;
  }
  return Invalid("model_type is " + catalog::Quoted(name) + "; use one of " + KnownTypes());
}

}  // namespace

Config::Config(const catalog::Model* model, catalog::CompleteConfig complete)
    : model_(model),
      complete_(std::move(complete)),
      values_(catalog::Pruned(*model, nlohmann::json::parse(complete_.json))) {}

absl::StatusOr<Config> Config::Parse(const std::string& text, bool profiling,
                                     int64_t longest_length) {
  catalog::ConfigRequest request;
  CUSP_ASSIGN_OR_RETURN(request.model, ModelOf(text));
  request.base_json = text;
  request.longest_length = longest_length;
  request.profiling = profiling;
  catalog::ConfigOutcome outcome = catalog::CompleteConfigOf(request);
  if (!outcome.faults.empty()) {
    const catalog::ConfigFault& fault = outcome.faults.front().fault;
    const bool named = fault.message.find(fault.key) != std::string::npos;
    return Invalid(named ? fault.message : absl::StrCat(fault.key, ": ", fault.message));
  }
  return Config(request.model, std::move(outcome.config));
}

int64_t Config::Int(const char* key) const { return values_.at(key).get<int64_t>(); }

std::optional<int64_t> Config::OptionalInt(const char* key) const {
  const nlohmann::json& value = values_.at(key);
  return value.is_null() ? std::nullopt : std::optional(value.get<int64_t>());
}

double Config::Real(const char* key) const { return values_.at(key).get<double>(); }

bool Config::Flag(const char* key) const { return values_.at(key).get<bool>(); }

std::string Config::Text(const char* key) const { return values_.at(key).get<std::string>(); }

std::vector<int64_t> Config::Ints(const char* key) const {
  return values_.at(key).get<std::vector<int64_t>>();
}

std::vector<double> Config::Reals(const char* key) const {
  return values_.at(key).get<std::vector<double>>();
}

std::vector<std::string> Config::Texts(const char* key) const {
  return values_.at(key).get<std::vector<std::string>>();
}

Config Config::With(const nlohmann::json& more) const {
  Config config = *this;
  config.values_.update(more);
  return config;
}

}  // namespace cusp::models
