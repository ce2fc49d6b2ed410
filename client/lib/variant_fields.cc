#include "client/lib/variant_fields.h"

#include <array>
#include <string_view>

#include "catalog/job_check.h"
#include "client/lib/named_files.h"

namespace cusp::client {
namespace {

constexpr std::array<std::string_view, 7> kVariantKeys = {
    "name", "model", "attention", "config", "config_file", "weights_file", "axes"};
constexpr std::array<std::string_view, 3> kAxesKeys = {"share_layers", "prune", "checkpointing"};

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

}  // namespace

MaybeFault TakeVariants(const YamlNode& node, const std::string& folder,
                        google::protobuf::RepeatedPtrField<v1::VariantSpec>& variants) {
  if (auto fault = WantList(node, node.key)) {
    return fault;
  }
  for (const YamlNode& item : node.children) {
    v1::VariantSpec& variant = *variants.Add();
    if (item.kind == YamlNode::Kind::kScalar) {
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

}  // namespace cusp::client
