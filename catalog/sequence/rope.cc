#include "catalog/sequence/rope.h"

#include <algorithm>
#include <string>
#include <utility>

#include "catalog/config_keys.h"
#include "catalog/config_values.h"
#include "catalog/quote.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kTypes = "default linear dynamic yarn longrope llama3 proportional";

// Values of rope_parameters. Null is the default where there is one, as in transformers.
constexpr std::array<Key, 17> kValues = {{
    {"rope_type", "string", R"("default")", "", -1e300, 1e300, kTypes},
    {"type", "string", "", "older name of rope_type"},
    {"rope_theta", "number", "", "", 1.0, 1e15},
    {"partial_rotary_factor", "number or null", "1", "", 0.0, 1.0},
    {"factor", "number or null", "", "", 1e-9, 1e9},
    {"original_max_position_embeddings", "integer or null", "", "", 2, 1e8},
    {"attention_factor", "number or null", "null", "", 0.0, 1e9},
    {"beta_fast", "number or null", "32", "", 1e-9, 1e9},
    {"beta_slow", "number or null", "1", "", 1e-9, 1e9},
    {"mscale", "number or null", "null", "", 0.0, 1e9},
    {"mscale_all_dim", "number or null", "null", "", 0.0, 1e9},
    {"truncate", "boolean", "true", ""},
    {"short_factor", "number list", "", "", 1e-9, 1e9},
    {"long_factor", "number list", "", "", 1e-9, 1e9},
    {"low_freq_factor", "number", "", "", 1e-9, 1e9},
    {"high_freq_factor", "number", "", "", 1e-9, 1e9},
    {"finetuned", "boolean", "", "of published files; says nothing of the computation"},
}};

// What each type reads besides rope_theta, and what of it must be there.
struct RopeType {
  std::string_view name;
  std::array<std::string_view, 8> reads;
  std::array<std::string_view, 3> needs;
};

constexpr std::array<RopeType, 7> kRopeTypes = {{
    {"default", {}, {}},
    {"linear", {"factor"}, {"factor"}},
    {"dynamic", {"factor"}, {"factor"}},
    {"yarn",
     {"factor", "original_max_position_embeddings", "attention_factor", "beta_fast", "beta_slow",
      "mscale", "mscale_all_dim", "truncate"},
     {}},
    {"longrope",
     {"factor", "original_max_position_embeddings", "attention_factor", "short_factor",
      "long_factor"},
     {"short_factor", "long_factor"}},
    {"llama3",
     {"factor", "original_max_position_embeddings", "low_freq_factor", "high_freq_factor"},
     {"factor", "low_freq_factor", "high_freq_factor"}},
    {"proportional", {"factor", "partial_rotary_factor"}, {}},
}};

const RopeType& TypeOf(const std::string& name) {
  return *std::find_if(kRopeTypes.begin(), kRopeTypes.end(),
                       [&](const RopeType& type) { return type.name == name; });
}

// The key whose object counts: as in transformers, an empty rope_scaling does not.
const char* KeyInForce(const Json& config) {
  const Json& older = config.at("rope_scaling");
  return older.is_object() && !older.empty() ? "rope_scaling" : "rope_parameters";
}

Json ValuesInForce(const Json& config) {
  const Json& values = config.at(KeyInForce(config));
  return values.is_object() ? values : Json::object();
}

// Of the values, or of the key outside of them, or null.
Json ValueOf(const Json& config, const Json& values, const char* name) {
  if (values.contains(name) && !values.at(name).is_null()) {
    return values.at(name);
  }
  return config.contains(name) ? config.at(name) : Json(nullptr);
}

std::string NameOfType(const Json& values) {
  for (const char* key : {"rope_type", "type"}) {
    if (values.contains(key)) {
      return values.at(key).get<std::string>();
    }
  }
  return "default";
}

std::string FaultOfValues(const Json& values) {
  for (const auto& [name, value] : values.items()) {
    const auto* key = std::find_if(kValues.begin(), kValues.end(),
                                   [&name = name](const Key& one) { return one.name == name; });
    if (key == kValues.end()) {
      return Quoted(name) +
             " changes the rotary positions in a way that is not computed; leave it out";
    }
    if (std::string fault = FaultOfValue(*key, value); !fault.empty()) {
      return fault;
    }
  }
  return "";
}

// What a known type lacks, or cannot do with heads of this size.
std::string FaultOfType(const Json& config, const Json& values, int64_t head_size) {
  const RopeType& type = TypeOf(NameOfType(values));
  const std::string name(type.name);
  for (const std::string_view needed : type.needs) {
    if (!needed.empty() && (!values.contains(needed) || values.at(std::string(needed)).is_null())) {
      return "rope_type '" + name + "' needs " + std::string(needed) + "; add it";
    }
  }
  const Json part = ValueOf(config, values, "partial_rotary_factor");
  if (name != "default" && name != "proportional" && !part.is_null() && part != 1) {
    return "partial_rotary_factor " + part.dump() + " has no place in rope_type '" + name +
           "', which turns whole heads; use 1 or 'proportional'";
  }
  if (name == "dynamic" && head_size == 2) {
    return "rope_type 'dynamic' needs heads of more than 2 features; use another";
  }
  if (name == "yarn" && ValueOf(config, values, "rope_theta").get<double>() <= 1) {
    return "rope_type 'yarn' needs a rope_theta above 1; raise it";
  }
  if (name == "llama3" && Real(values, "high_freq_factor") <= Real(values, "low_freq_factor")) {
    return "high_freq_factor " + values.at("high_freq_factor").dump() +
           " must be greater than low_freq_factor " + values.at("low_freq_factor").dump();
  }
  for (const char* list : {"short_factor", "long_factor"}) {
    const auto wanted = static_cast<size_t>(head_size / 2);
    if (name == "longrope" && values.at(list).size() != wanted) {
      return std::string(list) + " lists " + std::to_string(values.at(list).size()) +
             " values; heads of " + std::to_string(head_size) + " features have " +
             std::to_string(wanted) + " pairs";
    }
  }
  return "";
}

// Tokens of an input in pretraining. The key outside of the values comes first here, as
// in transformers.
int64_t OriginalPositions(const Json& config, const Json& values) {
  const Json& outside = config.at("original_max_position_embeddings");
  const Json original =
      outside.is_null() ? ValueOf(config, values, "original_max_position_embeddings") : outside;
  return original.is_null() ? Int(config, "max_position_embeddings") : original.get<int64_t>();
}

// What stands for a value that the configuration leaves open.
Json DefaultOf(const Json& config, const RopeType& type, std::string_view name, int64_t original) {
  if (name == "factor") {
    return type.name == "proportional"
               ? Json(1.0)
               : Json(Real(config, "max_position_embeddings") / static_cast<double>(original));
  }
  return Json::parse(std::find_if(kValues.begin(), kValues.end(), [&](const Key& key) {
                       return key.name == name;
                     })->default_value);
}

}  // namespace

std::optional<ConfigFault> CheckRope(const Json& config, int64_t head_size) {
  const char* key = KeyInForce(config);
  const Json values = ValuesInForce(config);
  std::string fault = FaultOfValues(values);
  if (fault.empty()) {
    fault = FaultOfValue(kValues.front(), NameOfType(values));
  }
  if (fault.empty()) {
    fault = FaultOfType(config, values, head_size);
  }
  return fault.empty() ? std::nullopt : std::optional(ConfigFault{key, std::move(fault)});
}

void FinishRope(Json& config) {
  const Json values = ValuesInForce(config);
  const RopeType& type = TypeOf(NameOfType(values));
  const int64_t original = OriginalPositions(config, values);
  Json finished = {{"rope_type", type.name}, {"rope_theta", ValueOf(config, values, "rope_theta")}};
  for (const std::string_view name : type.reads) {
    if (name.empty()) {
      continue;
    }
    const Json value = ValueOf(config, values, std::string(name).c_str());
    finished[std::string(name)] = name == "original_max_position_embeddings" ? Json(original)
                                  : value.is_null() ? DefaultOf(config, type, name, original)
                                                    : value;
  }
  config["rope_theta"] = finished.at("rope_theta");
  config["rope_parameters"] = std::move(finished);
  config["rope_scaling"] = nullptr;
}

int64_t RopeReach(const Json& config) {
  const int64_t positions = Int(config, "max_position_embeddings");
  const Json values = ValuesInForce(config);
  return NameOfType(values) == "dynamic"
             ? static_cast<int64_t>(static_cast<double>(positions) *
                                    std::max(1.0, Real(values, "factor")))
             : positions;
}

}  // namespace cusp::catalog
