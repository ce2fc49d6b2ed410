#include "catalog/config.h"

#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <utility>

#include "catalog/axes.h"
#include "catalog/config_keys.h"
#include "catalog/config_values.h"
#include "catalog/quote.h"
#include "common/status_macros.h"
#include "common/strict_json.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 16;
constexpr size_t kLargestText = size_t{64} << 10U;
// Weights beyond this are a slip of the pen, on today's machines.
constexpr double kMostParameterBytes = 1e12;

// Python writes what JSON cannot: Infinity, or an object that stands for it. Both become
// the largest number.
constexpr std::string_view kInfinity = "Infinity";
constexpr std::string_view kLargest = "1.7976931348623157e308";

std::string WithoutInfinity(std::string_view text) {
  std::string result;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!quoted && text.substr(i, kInfinity.size()) == kInfinity) {
      result += kLargest;
      i += kInfinity.size() - 1;
      continue;
    }
    if (quoted && text[i] == '\\' && i + 1 < text.size()) {
      result += text[i++];
    } else if (text[i] == '"') {
      quoted = !quoted;
    }
    result += text[i];
  }
  return result;
}

void ReplaceInfinity(Json& value) {
  if (value == Json{{"__float__", "Infinity"}}) {
    value = std::numeric_limits<double>::max();
  } else if (value.is_structured()) {
    for (Json& part : value) {
      ReplaceInfinity(part);
    }
  }
}

void TakeKeys(const Model& model, std::string_view text, ConfigPart part, Json& given,
              std::vector<PlacedFault>& faults) {
  const auto object = ParseConfigObject(text);
  if (!object.ok()) {
    faults.push_back({part, {"", std::string(object.status().message())}});
    return;
  }
  for (const auto& [name, value] : object->items()) {
    if (std::string message = FaultOfKey(model, name, value); !message.empty()) {
      faults.push_back({part, {name, std::move(message)}});
    } else if (FindKey(model, name) != nullptr) {
      given[name] = value;
    }
  }
}

Json ParseDefaults(const Model& model) {
  Json config = Json::object();
  config["model_type"] = model.name;
  for (const Key& key : model.keys) {
    if (!key.default_value.empty()) {
      config[std::string(key.name)] = Json::parse(key.default_value);
    }
  }
  return config;
}

// Parsed once, because the coordinator completes every variant of every job.
const Json& DefaultsOf(const Model& model) {
  static const std::map<const Model*, Json> all = [] {
    std::map<const Model*, Json> parsed;
    for (const Model& one : Models()) {
      parsed.emplace(&one, ParseDefaults(one));
    }
    return parsed;
  }();
  return all.at(&model);
}

Json WithDefaults(const Model& model, const Preset* preset, const Json& given) {
  Json config = DefaultsOf(model);
  if (preset != nullptr) {
    model.rules.shape(*preset, config);
  }
  config.update(given);
  return config;
}

void SetPositions(const ConfigRequest& request, Json& config, CompleteConfig& complete) {
  const char* key = "max_position_embeddings";
  if (FindKey(*request.model, key) == nullptr) {
    return;
  }
  const int64_t needed =
      request.model->rules.positions_for(config, RoundUp(request.longest_length, complete.quantum));
  if (!config.contains(key)) {
    config[key] = needed;
  } else if (request.extend_positions && Int(config, key) < needed) {
    config[key] = needed;
    complete.extended = true;
  }
}

std::string NoLengthLeft(const LengthLimits& limits) {
  std::string message = "no input fits: " + limits.max_reason;
  return limits.min_reason.empty() ? message : message + ", and " + limits.min_reason;
}

// What decoding asks of a configuration: what published files say of encoders gives way,
// what the job itself says does not.
void ForDecoding(const ConfigRequest& request, Json& given, std::vector<PlacedFault>& faults) {
  const auto overrides = ParseConfigObject(request.overrides_json);
  for (const char* key : {"is_decoder", "is_encoder_decoder"}) {
    if (FindKey(*request.model, key) == nullptr) {
      continue;
    }
    if (overrides.ok() && overrides->value(key, true) == false) {
      faults.push_back({ConfigPart::kOverrides,
                        {key, std::string(key) + " is false, but the job decodes; leave it out or "
                                                 "set it true"}});
    }
    given[key] = true;
  }
}

// In which of the texts a key stands.
ConfigPart PartOf(const ConfigRequest& request, const std::string& key) {
  const auto holds = [&](std::string_view text) {
    const auto object = ParseConfigObject(text);
    return object.ok() && object->contains(key);
  };
  if (holds(request.axes_json)) {
    return ConfigPart::kAxes;
  }
  return request.base_json.empty() || holds(request.overrides_json) ? ConfigPart::kOverrides
                                                                    : ConfigPart::kBase;
}

// The first fault that no single key shows.
std::optional<ConfigFault> CheckTogether(const ConfigCheck& check) {
  const auto fault = check.model.rules.check(check);
  return fault.has_value() ? fault : CheckAxes(check.model, check.config);
}

}  // namespace

absl::StatusOr<Json> ParseConfigObject(std::string_view text) {
  if (text.empty()) {
    return Json::object();
  }
  if (text.size() > kLargestText) {
    return absl::InvalidArgumentError("the configuration is longer than 64 KiB; is it one?");
  }
  StrictJson json = ParseStrictJson(WithoutInfinity(text), kDeepest);
  if (json.fault == JsonFault::kTooDeep) {
    return absl::InvalidArgumentError("the configuration nests deeper than 16 levels; is it one?");
  }
  if (json.fault == JsonFault::kSyntax) {
    return absl::InvalidArgumentError(
        "the configuration is no valid JSON; check it with a JSON tool");
  }
  if (json.fault == JsonFault::kDuplicateKey) {
    return absl::InvalidArgumentError("the configuration holds the key " + Quoted(json.duplicate) +
                                      " twice; remove one");
  }
  Json& value = json.value;
  if (!value.is_object()) {
    return absl::InvalidArgumentError("the configuration is no JSON object; write keys and values");
  }
  ReplaceInfinity(value);
  return std::move(value);
}

ConfigOutcome CompleteConfigOf(const ConfigRequest& request) {
  ConfigOutcome outcome;
  const Model& model = *request.model;
  Json given = Json::object();
  TakeKeys(model, request.base_json, ConfigPart::kBase, given, outcome.faults);
  TakeKeys(model, request.overrides_json, ConfigPart::kOverrides, given, outcome.faults);
  TakeKeys(model, request.axes_json, ConfigPart::kAxes, given, outcome.faults);
  if (outcome.faults.empty() && request.decode) {
    ForDecoding(request, given, outcome.faults);
  }
  if (!outcome.faults.empty()) {
    return outcome;
  }
  Json config = WithDefaults(model, request.preset, given);
  if (auto fault =
          CheckTogether({model, config, given, request.longest_length, request.profiling})) {
    const ConfigPart part = PartOf(request, fault->key);
    outcome.faults.push_back({part, *std::move(fault)});
    return outcome;
  }
  CompleteConfig& complete = outcome.config;
  complete.quantum = model.rules.quantum(config);
  complete.slack = model.rules.slack(config);
  SetPositions(request, config, complete);
  model.rules.finish(config, request.profiling);
  complete.parameters = ParametersOf(model, config);
  if (const double bytes = complete.parameters * 4; bytes > kMostParameterBytes) {
    outcome.faults.push_back(
        {ConfigPart::kOverrides,
         {"", "its weights alone would take " + std::to_string(std::llround(bytes / 1e9)) +
                  " GB in float32; make the model smaller"}});
    return outcome;
  }
  complete.limits = model.rules.limits(config, request.profiling);
  if (complete.limits.max < complete.limits.min) {
    outcome.faults.push_back({ConfigPart::kOverrides, {"", NoLengthLeft(complete.limits)}});
    return outcome;
  }
  complete.json = config.dump();
  return outcome;
}

}  // namespace cusp::catalog
