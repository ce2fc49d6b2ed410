#include "worker/models/config.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"

namespace cusp::models {
namespace {

// Keys of transformers' configurations that change nothing in a forward or
// backward pass: generation, labels, special tokens, how weights were stored.
constexpr std::array<const char*, 36> kHarmless = {"_attn_implementation",
                                                   "_commit_hash",
                                                   "_name_or_path",
                                                   "add_cross_attention",
                                                   "architectures",
                                                   "attn_implementation",
                                                   "bos_token_id",
                                                   "classifier_dropout",
                                                   "cls_token_id",
                                                   "directionality",
                                                   "dtype",
                                                   "eos_token_id",
                                                   "finetuning_task",
                                                   "gradient_checkpointing",
                                                   "id2label",
                                                   "label2id",
                                                   "mask_token_id",
                                                   "model_type",
                                                   "num_labels",
                                                   "onnx_export",
                                                   "output_attentions",
                                                   "output_hidden_states",
                                                   "pooler_fc_size",
                                                   "pooler_num_attention_heads",
                                                   "pooler_num_fc_layers",
                                                   "pooler_size_per_head",
                                                   "pooler_type",
                                                   "problem_type",
                                                   "return_dict",
                                                   "sep_token_id",
                                                   "task_specific_params",
                                                   "tie_word_embeddings",
                                                   "tokenizer_class",
                                                   "torch_dtype",
                                                   "transformers_version",
                                                   "use_cache"};

bool IsHarmless(const std::string& key) {
  return std::any_of(kHarmless.begin(), kHarmless.end(),
                     [&](const char* harmless) { return key == harmless; });
}

size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

std::string Nearest(const std::string& key, const std::set<std::string>& known) {
  std::string best;
  size_t best_distance = key.size() > 200 ? 0 : std::max<size_t>(key.size() / 3, 2) + 1;
  for (const std::string& candidate : known) {
    if (best_distance == 0) {
      break;
    }
    const size_t distance = EditDistance(key, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

// Long values and keys are cut, so that no message grows with its input.
std::string Shown(std::string text) {
  constexpr size_t kLimit = 80;
  if (text.size() > kLimit) {
    text.resize(kLimit);
    text += "…";
  }
  return text;
}

std::string Shown(const nlohmann::json& value) {
  return Shown(value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
}

// Refuses an object that holds a key twice at the top level, which the library
// would resolve silently.
class DuplicateFinder {
 public:
  bool operator()(int depth, nlohmann::json::parse_event_t event, const nlohmann::json& parsed) {
    if (depth == 1 && event == nlohmann::json::parse_event_t::key) {
      const std::string key = parsed.get<std::string>();
      if (!seen_.insert(key).second && duplicate_.empty()) {
        duplicate_ = key;
      }
    }
    return true;
  }
  const std::string& duplicate() const { return duplicate_; }

 private:
  std::set<std::string> seen_;
  std::string duplicate_;
};

}  // namespace

absl::StatusOr<ConfigReader> ConfigReader::Parse(const std::string& text) {
  DuplicateFinder duplicates;
  nlohmann::json values;
  try {
    values = nlohmann::json::parse(text, std::ref(duplicates));
  } catch (const nlohmann::json::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("configuration: not JSON: ", error.what()));
  }
  if (!values.is_object()) {
    return absl::InvalidArgumentError(absl::StrCat("configuration: expected a JSON object, got ",
                                                   std::string(values.type_name())));
  }
  if (!duplicates.duplicate().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("configuration: key '", Shown(duplicates.duplicate()), "' occurs twice"));
  }
  return ConfigReader(std::move(values));
}

const nlohmann::json* ConfigReader::Find(const std::string& key) {
  read_.insert(key);
  if (!status_.ok()) {
    return nullptr;
  }
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &*found;
}

std::optional<int64_t> ConfigReader::CheckedInteger(const std::string& key,
                                                    const nlohmann::json& value, int64_t low,
                                                    int64_t high) {
  double number = 0;
  if (value.is_number()) {
    number = value.get<double>();
  }
  if (!value.is_number() || number != std::floor(number)) {
    Fail(key, absl::StrCat("expected an integer, got ", Shown(value)));
    return std::nullopt;
  }
  if (number < static_cast<double>(low) || number > static_cast<double>(high)) {
    Fail(key, absl::StrCat(Shown(value), " is out of range; from ", low, " to ", high));
    return std::nullopt;
  }
  return static_cast<int64_t>(number);
}

int64_t ConfigReader::Integer(const std::string& key, int64_t fallback, int64_t low, int64_t high) {
  const nlohmann::json* value = Find(key);
  return value == nullptr ? fallback : CheckedInteger(key, *value, low, high).value_or(fallback);
}

std::optional<int64_t> ConfigReader::OptionalInteger(const std::string& key,
                                                     std::optional<int64_t> fallback, int64_t low,
                                                     int64_t high) {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) {
    return fallback;
  }
  return value->is_null() ? std::nullopt : CheckedInteger(key, *value, low, high);
}

double ConfigReader::Number(const std::string& key, double fallback, double low, double high) {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) {
    return fallback;
  }
  if (!value->is_number()) {
    Fail(key, absl::StrCat("expected a number, got ", Shown(*value)));
    return fallback;
  }
  const double number = value->get<double>();
  if (!(number >= low && number <= high)) {
    Fail(key, absl::StrCat(Shown(*value), " is out of range; from ", low, " to ", high));
    return fallback;
  }
  return number;
}

bool ConfigReader::Boolean(const std::string& key, bool fallback) {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) {
    return fallback;
  }
  if (!value->is_boolean()) {
    Fail(key, absl::StrCat("expected true or false, got ", Shown(*value)));
    return fallback;
  }
  return value->get<bool>();
}

std::string ConfigReader::Text(const std::string& key, const std::string& fallback) {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) {
    return fallback;
  }
  if (!value->is_string()) {
    Fail(key, absl::StrCat("expected a string, got ", Shown(*value)));
    return fallback;
  }
  return value->get<std::string>();
}

std::vector<int64_t> ConfigReader::Integers(const std::string& key, int64_t fallback, int64_t count,
                                            int64_t low, int64_t high) {
  const nlohmann::json* value = Find(key);
  const std::vector<int64_t> fallbacks(static_cast<size_t>(count), fallback);
  if (value == nullptr) {
    return fallbacks;
  }
  if (!value->is_array()) {
    const int64_t one = CheckedInteger(key, *value, low, high).value_or(fallback);
    return std::vector<int64_t>(static_cast<size_t>(count), one);
  }
  if (value->size() != static_cast<size_t>(count)) {
    Fail(key, absl::StrCat("expected one integer or ", count, " of them (one for each layer), got ",
                           value->size()));
    return fallbacks;
  }
  std::vector<int64_t> result;
  for (const nlohmann::json& item : *value) {
    result.push_back(CheckedInteger(key, item, low, high).value_or(fallback));
  }
  return result;
}

void ConfigReader::Require(const std::string& key, const nlohmann::json& only,
                           const std::string& why) {
  const nlohmann::json* value = Find(key);
  if (value != nullptr && *value != only) {
    Fail(key, absl::StrCat(Shown(*value), " is not supported: ", why));
  }
}

void ConfigReader::Fail(const std::string& key, const std::string& what) {
  if (status_.ok()) {
    status_ = absl::InvalidArgumentError(absl::StrCat("configuration: ", key, ": ", what));
  }
}

absl::Status ConfigReader::Finish() const {
  if (!status_.ok()) {
    return status_;
  }
  for (const auto& [key, value] : values_.items()) {
    if (read_.contains(key) || IsHarmless(key)) {
      continue;
    }
    const std::string nearest = Nearest(key, read_);
    return absl::InvalidArgumentError(
        absl::StrCat("configuration: unknown key '", Shown(key), "'",
                     nearest.empty() ? "" : absl::StrCat("; did you mean '", nearest, "'?")));
  }
  return absl::OkStatus();
}

}  // namespace cusp::models
