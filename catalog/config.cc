#include "catalog/config.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <set>
#include <utility>

#include "catalog/encoder_keys.h"
#include "catalog/quote.h"
#include "common/status_macros.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 16;
constexpr size_t kLargestText = size_t{64} << 10U;
constexpr size_t kMostListed = 10'000;
// Weights beyond this are a slip of the pen, on today's machines.
constexpr double kMostParameterBytes = 1e12;

// Keys of published config.json files that do not change what is computed
// here. Where `value` is set, only that value does not.
struct InertKey {
  std::string_view name;
  std::string_view value;
};

constexpr std::array kInertKeys = {
    InertKey{"_attn_implementation", ""},
    InertKey{"_commit_hash", ""},
    InertKey{"_name_or_path", ""},
    InertKey{"add_cross_attention", "false"},
    InertKey{"architectures", ""},
    InertKey{"attention_mode", "\"longformer\""},
    InertKey{"attn_implementation", ""},
    InertKey{"bos_token_id", ""},
    InertKey{"chunk_size_feed_forward", "0"},
    InertKey{"classifier_dropout", ""},
    InertKey{"cls_token_id", ""},
    InertKey{"directionality", ""},
    InertKey{"dtype", ""},
    InertKey{"eos_token_id", ""},
    InertKey{"finetuning_task", ""},
    InertKey{"gradient_checkpointing", "false"},
    InertKey{"id2label", ""},
    InertKey{"ignore_attention_mask", "false"},
    InertKey{"inv_coeff_init_option", "false"},
    InertKey{"inv_init_coeff_option", "false"},
    InertKey{"label2id", ""},
    InertKey{"mask_token_id", ""},
    InertKey{"num_labels", ""},
    InertKey{"onnx_export", "false"},
    InertKey{"output_attentions", "false"},
    InertKey{"output_hidden_states", "false"},
    InertKey{"output_past", ""},
    InertKey{"pooler_fc_size", ""},
    InertKey{"pooler_num_attention_heads", ""},
    InertKey{"pooler_num_fc_layers", ""},
    InertKey{"pooler_size_per_head", ""},
    InertKey{"pooler_type", ""},
    InertKey{"position_embedding_type", "\"absolute\""},
    InertKey{"problem_type", ""},
    InertKey{"pruned_heads", "{}"},
    InertKey{"return_dict", ""},
    InertKey{"sep_token_id", ""},
    InertKey{"task_specific_params", ""},
    InertKey{"tie_word_embeddings", ""},
    InertKey{"tokenizer_class", ""},
    InertKey{"torch_dtype", ""},
    InertKey{"torchscript", "false"},
    InertKey{"transformers_version", ""},
    InertKey{"use_cache", ""},
};

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.15g", value);
  return text;
}

std::string Excerpt(const Json& value) {
  return Quoted(value.is_string() ? value.get_ref<const std::string&>()
                                  : value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

// "an integer" and the like.
std::string WantedType(const Key& key) {
  const std::string type(key.type);
  const bool vowel = type.starts_with('i');
  std::string wanted = (vowel ? "an " : "a ") + type;
  if (type == "boolean") {
    wanted += " (true or false)";
  } else if (type == "integer or list") {
    wanted = "an integer or a list of integers";
  }
  return wanted;
}

bool HasType(const Key& key, const Json& value) {
  if (key.type == "integer") {
    return value.is_number_integer();
  }
  if (key.type == "number") {
    return value.is_number();
  }
  if (key.type == "string") {
    return value.is_string();
  }
  if (key.type == "boolean") {
    return value.is_boolean();
  }
  if (key.type == "integer or list" && value.is_number_integer()) {
    return true;
  }
  return value.is_array() && std::all_of(value.begin(), value.end(),
                                         [](const Json& one) { return one.is_number_integer(); });
}

bool InRange(const Key& key, const Json& value) {
  const double number = value.get<double>();
  return number >= key.low && number <= key.high;
}

bool IsChoice(std::string_view choices, std::string_view text) {
  while (!choices.empty()) {
    const size_t end = std::min(choices.find(' '), choices.size());
    if (choices.substr(0, end) == text) {
      return true;
    }
    choices.remove_prefix(std::min(end + 1, choices.size()));
  }
  return false;
}

// Empty where the value is good.
std::string FaultOfValue(const Key& key, const Json& value) {
  const std::string name(key.name);
  if (!HasType(key, value)) {
    return name + " is " + Excerpt(value) + "; write " + WantedType(key);
  }
  const std::string range = Number(key.low) + " to " + Number(key.high);
  if (value.is_array()) {
    if (value.empty() || value.size() > kMostListed) {
      return name + " lists " + std::to_string(value.size()) + " values; give one for each layer";
    }
    for (const Json& one : value) {
      if (!InRange(key, one)) {
        return name + " holds " + Excerpt(one) + "; use " + range;
      }
    }
  } else if (value.is_number() && !InRange(key, value)) {
    return name + " is " + Excerpt(value) + "; use " + range;
  } else if (value.is_string() && !key.choices.empty() &&
             !IsChoice(key.choices, value.get_ref<const std::string&>())) {
    return name + " is " + Excerpt(value) + "; use one of: " + std::string(key.choices);
  }
  return "";
}

std::string UnknownKey(const Model& model, const std::string& name) {
  std::vector<std::string_view> known;
  for (const Key& key : model.keys) {
    known.push_back(key.name);
  }
  std::string message =
      "unknown configuration key " + Quoted(name) + " of " + std::string(model.name);
  if (const std::string nearest = NearestOf(name, known); !nearest.empty()) {
    return message + "; did you mean '" + nearest + "'?";
  }
  return message + "; see 'cusp models " + std::string(model.name) + "'";
}

// Empty where the key may stand; `keep` says whether it means anything.
std::string FaultOfKey(const Model& model, const std::string& name, const Json& value, bool& keep) {
  keep = false;
  if (name == "model_type") {
    return value == model.name ? ""
                               : "model_type is " + Excerpt(value) + ", but the model is " +
                                     std::string(model.name) + "; make them agree";
  }
  for (const Key& key : model.keys) {
    if (key.name == name) {
      keep = true;
      return FaultOfValue(key, value);
    }
  }
  for (const InertKey& inert : kInertKeys) {
    if (inert.name == name) {
      if (inert.value.empty() || value.is_null() || value == Json::parse(inert.value)) {
        return "";
      }
      return name + " is " + Excerpt(value) + ", which this version does not compute; only " +
             std::string(inert.value) + " is supported";
    }
  }
  return UnknownKey(model, name);
}

void TakeKeys(const Model& model, std::string_view text, ConfigPart part, Json& given,
              std::vector<PlacedFault>& faults) {
  const auto object = ParseConfigObject(text);
  if (!object.ok()) {
    faults.push_back({part, {"", std::string(object.status().message())}});
    return;
  }
  for (const auto& [name, value] : object->items()) {
    bool keep = false;
    if (std::string message = FaultOfKey(model, name, value, keep); !message.empty()) {
      faults.push_back({part, {name, std::move(message)}});
    } else if (keep) {
      given[name] = value;
    }
  }
}

Json WithDefaults(const Model& model, const Preset* preset, const Json& given) {
  Json config = Json::object();
  config["model_type"] = model.name;
  for (const Key& key : model.keys) {
    if (!key.default_value.empty()) {
      config[std::string(key.name)] = Json::parse(key.default_value);
    }
  }
  if (preset != nullptr) {
    config["num_hidden_layers"] = preset->num_hidden_layers;
    config["hidden_size"] = preset->hidden_size;
    config["num_attention_heads"] = preset->num_attention_heads;
    config["intermediate_size"] = preset->intermediate_size;
  }
  config.update(given);
  return config;
}

void SetPositions(const ConfigRequest& request, Json& config, CompleteConfig& complete) {
  const ModelRules& rules = *request.model->rules;
  const int64_t needed =
      rules.positions_for(config, RoundUp(request.longest_length, complete.quantum));
  const char* key = "max_position_embeddings";
  if (!config.contains(key)) {
    config[key] = needed;
  } else if (request.extend_positions && Int(config, key) < needed) {
    config[key] = needed;
    complete.extended = true;
  }
}

// In which of the two texts a key stands.
ConfigPart PartOf(const ConfigRequest& request, const std::string& key) {
  const auto overrides = ParseConfigObject(request.overrides_json);
  return request.base_json.empty() || (overrides.ok() && overrides->contains(key))
             ? ConfigPart::kOverrides
             : ConfigPart::kBase;
}

}  // namespace

absl::StatusOr<Json> ParseConfigObject(std::string_view text) {
  if (text.empty()) {
    return Json::object();
  }
  if (text.size() > kLargestText) {
    return absl::InvalidArgumentError("the configuration is longer than 64 KiB; is it one?");
  }
  int deepest = 0;
  std::string duplicate;
  std::vector<std::set<std::string>> seen;
  // Depth is known before a value is built, and what is too deep is dropped.
  const Json::parser_callback_t watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    deepest = std::max(deepest, depth);
    if (event == Json::parse_event_t::object_start) {
      seen.emplace_back();
    } else if (event == Json::parse_event_t::object_end && !seen.empty()) {
      seen.pop_back();
    } else if (event == Json::parse_event_t::key && !seen.empty()) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (duplicate.empty() && !seen.back().insert(key).second) {
        duplicate = key;
      }
    }
    return depth <= kDeepest;
  };
  const Json value = Json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (deepest > kDeepest) {
    return absl::InvalidArgumentError("the configuration nests deeper than 16 levels; is it one?");
  }
  if (value.is_discarded()) {
    return absl::InvalidArgumentError(
        "the configuration is no valid JSON; check it with a JSON tool");
  }
  if (!value.is_object()) {
    return absl::InvalidArgumentError("the configuration is no JSON object; write keys and values");
  }
  if (!duplicate.empty()) {
    return absl::InvalidArgumentError("the configuration holds the key " + Quoted(duplicate) +
                                      " twice; remove one");
  }
  return value;
}

ConfigOutcome CompleteConfigOf(const ConfigRequest& request) {
  ConfigOutcome outcome;
  const Model& model = *request.model;
  Json given = Json::object();
  TakeKeys(model, request.base_json, ConfigPart::kBase, given, outcome.faults);
  TakeKeys(model, request.overrides_json, ConfigPart::kOverrides, given, outcome.faults);
  if (!outcome.faults.empty()) {
    return outcome;
  }
  Json config = WithDefaults(model, request.preset, given);
  if (auto fault = model.rules->check({config, given, request.longest_length})) {
    const ConfigPart part = PartOf(request, fault->key);
    outcome.faults.push_back({part, *std::move(fault)});
    return outcome;
  }
  CompleteConfig& complete = outcome.config;
  complete.quantum = model.rules->quantum(config);
  SetPositions(request, config, complete);
  complete.parameters = model.rules->parameters(config);
  if (const double bytes = complete.parameters * 4; bytes > kMostParameterBytes) {
    outcome.faults.push_back(
        {ConfigPart::kOverrides,
         {"", "its weights alone would take " + Number(std::round(bytes / 1e9)) +
                  " GB in float32; make the model smaller"}});
    return outcome;
  }
  model.rules->finish(config);
  complete.limits = model.rules->limits(config);
  complete.json = config.dump();
  return outcome;
}

}  // namespace cusp::catalog
