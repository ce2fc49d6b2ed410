#include "catalog/config_keys.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <vector>

#include "catalog/axes.h"
#include "catalog/quote.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr size_t kMostListed = 10'000;
constexpr std::string_view kOrNull = " or null";  // how the type of such a key ends

// Keys of all published config.json files: generation, labels, special tokens,
// how weights were stored.
constexpr InertKey kInertKeys[] = {
    InertKey{"_attn_implementation"},
    InertKey{"_commit_hash"},
    InertKey{"_name_or_path"},
    InertKey{"add_cross_attention", "false"},
    InertKey{"architectures"},
    InertKey{"attn_implementation"},
    InertKey{"bos_token_id"},
    InertKey{"chunk_size_feed_forward", "0"},
    InertKey{"classifier_dropout"},
    InertKey{"cls_token_id"},
    InertKey{"directionality"},
    InertKey{"dtype"},
    InertKey{"eos_token_id"},
    InertKey{"finetuning_task"},
    InertKey{"gradient_checkpointing", "false"},
    InertKey{"id2label"},
    InertKey{"is_encoder_decoder", "false"},
    InertKey{"label2id"},
    InertKey{"mask_token_id"},
    InertKey{"num_labels"},
    InertKey{"output_attentions", "false"},
    InertKey{"output_hidden_states", "false"},
    InertKey{"output_past"},
    InertKey{"pooler_fc_size"},
    InertKey{"pooler_num_attention_heads"},
    InertKey{"pooler_num_fc_layers"},
    InertKey{"pooler_size_per_head"},
    InertKey{"pooler_type"},
    InertKey{"position_embedding_type", "\"absolute\""},
    InertKey{"problem_type"},
    InertKey{"pruned_heads", "{}"},
    InertKey{"return_dict"},
    InertKey{"sep_token_id"},
    InertKey{"task_specific_params"},
    InertKey{"tie_word_embeddings"},
    InertKey{"tokenizer_class"},
    InertKey{"torch_dtype"},
    InertKey{"torchscript", "false"},
    InertKey{"transformers_version"},
    InertKey{"use_cache"},
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

bool IsListOf(const Json& value, bool (*is)(const Json& one)) {
  return value.is_array() && std::all_of(value.begin(), value.end(), is);
}

bool IsInteger(const Json& value) { return value.is_number_integer(); }

bool HasType(const Key& key, const Json& value) {
  std::string_view type = key.type;
  if (type.ends_with(kOrNull)) {
    if (value.is_null()) {
      return true;
    }
    type.remove_suffix(kOrNull.size());
  }
  if (type == "integer") {
    return IsInteger(value);
  }
  if (type == "number") {
    return value.is_number();
  }
  if (type == "string") {
    return value.is_string();
  }
  if (type == "boolean") {
    return value.is_boolean();
  }
  if (type == "object") {
    return value.is_object();
  }
  if (type == "number list") {
    return IsListOf(value, [](const Json& one) { return one.is_number(); });
  }
  if (type == "string list") {
    return IsListOf(value, [](const Json& one) { return one.is_string(); });
  }
  return (type == "integer or list" && IsInteger(value)) || IsListOf(value, IsInteger);
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

bool IsGoodText(const Key& key, const Json& text) {
  return key.choices.empty() || IsChoice(key.choices, text.get_ref<const std::string&>());
}

const InertKey* FindInertKey(const Model& model, const std::string& name) {
  for (const std::span<const InertKey> keys :
       {model.inert_keys, std::span<const InertKey>(kInertKeys)}) {
    const auto at = std::find_if(keys.begin(), keys.end(),
                                 [&name](const InertKey& key) { return key.name == name; });
    if (at != keys.end()) {
      return &*at;
    }
  }
  return nullptr;
}

std::string UnknownKey(const Model& model, const std::string& name) {
  std::vector<std::string_view> known;
  for (const std::span<const Key> keys : {model.keys, std::span<const Key>(kAxisKeys)}) {
    for (const Key& key : keys) {
      known.push_back(key.name);
    }
  }
  std::string message =
      "unknown configuration key " + Quoted(name) + " of " + std::string(model.name);
  if (const std::string nearest = NearestOf(name, known); !nearest.empty()) {
    return message + "; did you mean '" + nearest + "'?";
  }
  return message + "; see 'cusp models " + std::string(model.name) + "'";
}

}  // namespace

std::string FaultOfValue(const Key& key, const Json& value) {
  const std::string name(key.name);
  if (!HasType(key, value)) {
    return name + " is " + Excerpt(value) + "; write " + WantedType(key);
  }
  const std::string range = Number(key.low) + " to " + Number(key.high);
  if (value.is_array()) {
    if (value.empty()) {
      return name + " is an empty list; give at least one value" +
             (key.type.ends_with(kOrNull) ? ", or null" : "");
    }
    if (value.size() > kMostListed) {
      return name + " lists " + std::to_string(value.size()) + " values; give at most " +
             std::to_string(kMostListed);
    }
    for (const Json& one : value) {
      if (one.is_number() && !InRange(key, one)) {
        return name + " holds " + Excerpt(one) + "; use " + range;
      }
      if (one.is_string() && !IsGoodText(key, one)) {
        return name + " holds " + Excerpt(one) + "; use some of: " + std::string(key.choices);
      }
    }
  } else if (value.is_number() && !InRange(key, value)) {
    return name + " is " + Excerpt(value) + "; use " + range;
  } else if (value.is_string() && !IsGoodText(key, value)) {
    return name + " is " + Excerpt(value) + "; use one of: " + std::string(key.choices);
  }
  return "";
}

const Key* FindKey(const Model& model, const std::string& name) {
  for (const std::span<const Key> keys : {model.keys, std::span<const Key>(kAxisKeys)}) {
    const auto at = std::find_if(keys.begin(), keys.end(),
                                 [&name](const Key& key) { return key.name == name; });
    if (at != keys.end()) {
      return &*at;
    }
  }
  return nullptr;
}

std::string FaultOfKey(const Model& model, const std::string& name, const Json& value) {
  if (name == "model_type") {
    return value == model.name ? ""
                               : "model_type is " + Excerpt(value) + ", but the model is " +
                                     std::string(model.name) + "; make them agree";
  }
  if (const Key* key = FindKey(model, name); key != nullptr) {
    return FaultOfValue(*key, value);
  }
  const InertKey* inert = FindInertKey(model, name);
  if (inert == nullptr) {
    return UnknownKey(model, name);
  }
  if (inert->value.empty() || value.is_null() || value == Json::parse(inert->value)) {
    return "";
  }
  return name + " is " + Excerpt(value) + ", which this version does not compute; only " +
         std::string(inert->value) + " is supported";
}

}  // namespace cusp::catalog
