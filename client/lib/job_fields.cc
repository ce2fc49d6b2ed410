#include "client/lib/job_fields.h"

#include <array>
#include <string_view>

#include "catalog/job_check.h"
#include "catalog/quote.h"
#include "client/lib/length_fields.h"
#include "client/lib/variant_fields.h"
#include "client/lib/yaml_values.h"

namespace cusp::client {
namespace {

using catalog::Quoted;

constexpr std::array<std::string_view, 15> kJobKeys = {
    "name",    "preset",    "baselines", "candidates", "modes",
    "metrics", "dtypes",    "lengths",   "batch_size", "device",
    "threads", "precision", "budget",    "seed",       "extend_positions"};

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

MaybeFault TakeBatchSizes(const YamlNode& node, v1::JobSpec& spec) {
  const auto take = [&spec](const YamlNode& item) {
    int64_t size = 0;
    auto fault = TakeInteger(item, "batch_size", 1, 65'536, size);
    spec.add_batch_sizes(static_cast<int32_t>(size));
    return fault;
  };
  if (node.kind == YamlNode::Kind::kScalar) {
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
