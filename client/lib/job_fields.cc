#include "client/lib/job_fields.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>
#include <utility>

#include "catalog/job_check.h"
#include "catalog/lengths.h"
#include "catalog/quote.h"
#include "client/lib/named_files.h"
#include "client/lib/yaml_values.h"

namespace cusp::client {
namespace {

using catalog::Quoted;
using Kind = YamlNode::Kind;

constexpr std::array<std::string_view, 15> kJobKeys = {
    "name",    "preset",    "baselines", "candidates", "modes",
    "metrics", "dtypes",    "lengths",   "batch_size", "device",
    "threads", "precision", "budget",    "seed",       "extend_positions"};
constexpr std::array<std::string_view, 7> kVariantKeys = {
    "name", "model", "attention", "config", "config_file", "weights_file", "axes"};
constexpr std::array<std::string_view, 5> kLengthKeys = {"min", "max", "unit", "quantum", "list"};
constexpr std::array<std::string_view, 3> kAxesKeys = {"share_layers", "prune", "checkpointing"};

// Hands each entry of the map `node` to `take`, in the file's order. `take`
// answers for the keys in `known`.
MaybeFault TakeEntries(const YamlNode& node, const std::string& what,
                       std::span<const std::string_view> known,
                       const std::function<MaybeFault(const YamlNode&)>& take) {
  if (auto fault = WantMap(node, what)) {
    return fault;
  }
  for (const YamlNode& entry : node.children) {
    bool is_known = false;
    for (const std::string_view one : known) {
      is_known = is_known || one == entry.key;
    }
    if (!is_known) {
      return UnknownKey(entry, what, known);
    }
    if (entry.kind == Kind::kNull) {
      return YamlFault{entry.key_mark,
                       entry.key + " has no value; write one, or leave the key out"};
    }
    if (auto fault = take(entry)) {
      return fault;
    }
  }
  return std::nullopt;
}

MaybeFault TakeAxes(const YamlNode& node, v1::Axes& axes) {
  return TakeEntries(node, "axes", kAxesKeys, [&](const YamlNode& entry) -> MaybeFault {
    bool flag = false;
    double number = 0;
    if (entry.key == "prune") {
      auto fault = TakeNumber(entry, "prune", number);
      axes.set_prune(number);
      return fault;
    }
    auto fault = TakeBoolean(entry, entry.key, flag);
    entry.key == "share_layers" ? axes.set_share_layers(flag) : axes.set_checkpointing(flag);
    return fault;
  });
}

MaybeFault TakeVariantEntry(const YamlNode& entry, const std::string& folder,
                            v1::VariantSpec& variant) {
  if (entry.key == "name") {
    return TakeText(entry, "name", *variant.mutable_name());
  }
  if (entry.key == "model") {
    return TakeText(entry, "model", *variant.mutable_model());
  }
  if (entry.key == "attention") {
    std::string text;
    auto fault = TakeWord(entry, "attention", catalog::AttentionTexts(), text);
    variant.set_attention(catalog::AttentionFromText(text));
    return fault;
  }
  if (entry.key == "config") {
    auto fault = WantMap(entry, "config");
    variant.set_config_json(
        fault ? "" : ToJson(entry).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
    return fault;
  }
  if (entry.key == "config_file") {
    return TakeConfigFile(entry, folder, variant);
  }
  if (entry.key == "weights_file") {
    return TakeWeightsFile(entry, folder, variant);
  }
  return TakeAxes(entry, *variant.mutable_axes());
}

MaybeFault TakeVariants(const YamlNode& node, const std::string& folder,
                        google::protobuf::RepeatedPtrField<v1::VariantSpec>& variants) {
  if (auto fault = WantList(node, node.key)) {
    return fault;
  }
  for (const YamlNode& item : node.children) {
    v1::VariantSpec& variant = *variants.Add();
    if (item.kind == Kind::kScalar) {
      variant.set_model(item.text);
      continue;
    }
    auto fault = TakeEntries(item, "a variant", kVariantKeys, [&](const YamlNode& entry) {
      return TakeVariantEntry(entry, folder, variant);
    });
    if (fault) {
      return fault;
    }
  }
  return std::nullopt;
}

// A list of words, each added as an enum value.
template <typename Enum>
MaybeFault TakeWords(const YamlNode& node, const std::string& what,
                     std::span<const std::string_view> known, Enum (*from)(const std::string&),
                     google::protobuf::RepeatedField<int>& out) {
  if (auto fault = WantList(node, node.key)) {
    return fault;
  }
  for (const YamlNode& item : node.children) {
    std::string text;
    if (auto fault = TakeWord(item, what, known, text)) {
      return fault;
    }
    out.Add(from(text));
  }
  if (out.empty()) {
    return YamlFault{node.mark, node.key + " is empty; name at least one " + what};
  }
  return std::nullopt;
}

// A length in the unit of `lengths`, as base units.
MaybeFault TakeLength(const YamlNode& node, const std::string& what, const v1::LengthSpec& lengths,
                      int64_t& out) {
  const v1::LengthUnit unit = lengths.unit();
  const int64_t longest = catalog::LongestLength(unit);
  if (unit == v1::LENGTH_UNIT_TOKENS || unit == v1::LENGTH_UNIT_PIXELS) {
    return TakeInteger(node, what, 1, longest, out);
  }
  double number = 0;
  if (auto fault = TakeNumber(node, what, number)) {
    return fault;
  }
  out = catalog::FromUnit(number, unit);
  if (unit == v1::LENGTH_UNIT_UNSPECIFIED) {
    // No model is known: that is the fault to tell, wherever it stands.
    out = std::clamp<int64_t>(out, 1, longest);
  }
  if (out >= 1 && out <= longest) {
    return std::nullopt;
  }
  return YamlFault{node.mark, what + " is " + Quoted(node.text) + "; use " +
                                  catalog::LengthText(1, unit) + " to " +
                                  catalog::LengthText(longest, unit)};
}

MaybeFault TakeLengthList(const YamlNode& node, v1::LengthSpec& lengths) {
  if (auto fault = WantList(node, "lengths.list")) {
    return fault;
  }
  for (const YamlNode& item : node.children) {
    int64_t length = 0;
    if (auto fault = TakeLength(item, "a length", lengths, length)) {
      return fault;
    }
    lengths.add_list(length);
  }
  if (node.children.empty()) {
    return YamlFault{node.mark, "the list of lengths is empty; list some, or give min and max"};
  }
  return std::nullopt;
}

MaybeFault TakeLengthEntry(const YamlNode& entry, v1::LengthSpec& lengths) {
  int64_t number = 0;
  if (entry.key == "unit") {
    return std::nullopt;
  }
  if (entry.key == "list") {
    return TakeLengthList(entry, lengths);
  }
  if (auto fault = TakeLength(entry, entry.key, lengths, number)) {
    return fault;
  }
  if (entry.key == "quantum") {
    lengths.set_quantum(number);
  } else {
    entry.key == "min" ? lengths.set_min(number) : lengths.set_max(number);
  }
  return std::nullopt;
}

// The unit that all other lengths are read in: as said, or that of the models.
MaybeFault TakeUnit(const YamlNode& node, v1::JobSpec& spec) {
  const YamlNode* said = node.Find("unit");
  v1::LengthUnit unit = catalog::UnitOf(spec);
  if (said != nullptr && said->kind != Kind::kNull) {
    std::string text;
    if (auto fault = TakeWord(*said, "unit", catalog::LengthUnitTexts(), text)) {
      return fault;
    }
    unit = catalog::LengthUnitFromText(text);
  }
  spec.mutable_lengths()->set_unit(unit);
  return std::nullopt;
}

MaybeFault TakeLengths(const YamlNode& node, v1::JobSpec& spec) {
  if (auto fault = TakeUnit(node, spec)) {
    return fault;
  }
  v1::LengthSpec& lengths = *spec.mutable_lengths();
  auto fault = TakeEntries(node, "lengths", kLengthKeys,
                           [&](const YamlNode& entry) { return TakeLengthEntry(entry, lengths); });
  if (fault || node.Find("list") != nullptr) {
    return fault;
  }
  for (const char* key : {"min", "max"}) {
    if (node.Find(key) == nullptr) {
      return YamlFault{node.key_mark,
                       "lengths has no " + std::string(key) + "; write {min: 64, max: 4096}"};
    }
  }
  return std::nullopt;
}

MaybeFault TakeBatchSizes(const YamlNode& node, v1::JobSpec& spec) {
  const auto take = [&spec](const YamlNode& item) {
    int64_t size = 0;
    auto fault = TakeInteger(item, "batch_size", 1, 65'536, size);
    spec.add_batch_sizes(static_cast<int32_t>(size));
    return fault;
  };
  if (node.kind == Kind::kScalar) {
    return take(node);
  }
  if (auto fault = WantList(node, "batch_size")) {
    return fault;
  }
  for (const YamlNode& item : node.children) {
    if (auto fault = take(item)) {
      return fault;
    }
  }
  if (node.children.empty()) {
    return YamlFault{node.mark, "batch_size is an empty list; write one size, or several"};
  }
  return std::nullopt;
}

MaybeFault TakeNumberEntry(const YamlNode& entry, v1::JobSpec& spec) {
  if (entry.key == "threads") {
    int64_t threads = 0;
    auto fault = TakeInteger(entry, "threads", 0, 1024, threads);
    spec.set_threads(static_cast<int32_t>(threads));
    return fault;
  }
  if (entry.key == "precision") {
    double precision = 0;
    auto fault = TakeNumber(entry, "precision", precision);
    if (!fault && !(precision >= 0.001 && precision <= 0.5)) {
      fault = YamlFault{entry.mark,
                        "precision is " + Quoted(entry.text) + "; use 0.001 to 0.5 (0.05 is ±5 %)"};
    }
    spec.set_precision(precision);
    return fault;
  }
  if (entry.key == "seed") {
    uint64_t seed = 0;
    auto fault = TakeUnsigned(entry, "seed", seed);
    spec.set_seed(seed);
    return fault;
  }
  if (entry.key == "extend_positions") {
    bool extend = false;
    auto fault = TakeBoolean(entry, "extend_positions", extend);
    spec.set_extend_positions(extend);
    return fault;
  }
  return TakeDuration(entry, "budget", *spec.mutable_budget());
}

MaybeFault TakeJobEntry(const YamlNode& entry, const std::string& folder, v1::JobSpec& spec) {
  if (entry.key == "name") {
    return TakeText(entry, "name", *spec.mutable_name());
  }
  if (entry.key == "preset") {
    return TakeText(entry, "preset", *spec.mutable_preset());
  }
  if (entry.key == "device") {
    return TakeText(entry, "device", *spec.mutable_device());
  }
  if (entry.key == "baselines") {
    return TakeVariants(entry, folder, *spec.mutable_baselines());
  }
  if (entry.key == "candidates") {
    return TakeVariants(entry, folder, *spec.mutable_candidates());
  }
  if (entry.key == "modes") {
    return TakeWords(entry, "mode", catalog::ModeTexts(), catalog::ModeFromText,
                     *spec.mutable_modes());
  }
  if (entry.key == "metrics") {
    return TakeWords(entry, "metric", catalog::MetricTexts(), catalog::MetricFromText,
                     *spec.mutable_metrics());
  }
  if (entry.key == "dtypes") {
    return TakeWords(entry, "dtype", catalog::DTypeTexts(), catalog::DTypeFromText,
                     *spec.mutable_dtypes());
  }
  if (entry.key == "lengths") {
    return std::nullopt;  // once the models are known
  }
  if (entry.key == "batch_size") {
    return TakeBatchSizes(entry, spec);
  }
  return TakeNumberEntry(entry, spec);
}

}  // namespace

std::optional<YamlFault> TakeJobFields(const YamlNode& root, const std::string& folder,
                                       v1::JobSpec& spec) {
  spec.set_seed(1);
  auto fault = TakeEntries(root, "the job", kJobKeys, [&](const YamlNode& entry) {
    return TakeJobEntry(entry, folder, spec);
  });
  if (const YamlNode* lengths = root.Find("lengths"); !fault && lengths != nullptr) {
    fault = TakeLengths(*lengths, spec);
  }
  // Once the spec is filled in, a missing list looks like an empty one.
  for (const char* key : {"baselines", "candidates"}) {
    if (!fault && root.Find(key) == nullptr) {
      fault = YamlFault{root.mark, "the job has no " + std::string(key) +
                                       "; write what to compare, as in " + key + ": [bert]"};
    }
  }
  return fault;
}

}  // namespace cusp::client
