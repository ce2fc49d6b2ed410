#include "client/cli/models.h"

#include <cstdint>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "catalog/axes.h"
#include "catalog/catalog.h"
#include "catalog/job_check.h"
#include "catalog/lengths.h"
#include "catalog/quote.h"
#include "client/cli/exit_code.h"
#include "client/cli/model_costs.h"
#include "client/cli/text_table.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

using catalog::Key;
using catalog::Model;
using catalog::NamedConfig;
using Json = nlohmann::ordered_json;

// Beyond these a bound is "any number".
constexpr double kUnbounded = 1e300;

std::string_view ModalityText(catalog::Modality modality) {
  switch (modality) {
    case catalog::Modality::kText:
      return "text";
    case catalog::Modality::kSpeech:
      return "speech";
    case catalog::Modality::kVision:
      return "vision";
  }
  return "";
}

std::vector<std::string> Modes(const Model& model) {
  std::vector<std::string> modes;
  for (const auto& [can, mode] :
       {std::pair{model.inference, v1::MODE_INFERENCE},
        std::pair{model.training, v1::MODE_TRAINING}, std::pair{model.decode, v1::MODE_DECODE}}) {
    if (can) {
      modes.push_back(catalog::ToText(mode));
    }
  }
  return modes;
}

// Attention backends that a job may choose between.
std::vector<std::string> Backends(const Model& model) {
  std::vector<std::string> backends;
  if (model.attention_backends) {
    for (const std::string_view text : catalog::AttentionTexts()) {
      backends.emplace_back(text);
    }
  }
  return backends;
}

std::string Joined(const std::vector<std::string>& parts, const char* gap) {
  std::string text;
  for (const std::string& part : parts) {
    text += (text.empty() ? "" : gap) + part;
  }
  return text;
}

struct Found {
  const Model* model = nullptr;
  const NamedConfig* named = nullptr;  // nullptr: the model itself
};

absl::StatusOr<Found> Find(const std::string& name) {
  Found found;
  found.named = catalog::FindNamedConfig(name);
  found.model = catalog::FindModel(found.named != nullptr ? found.named->model : name);
  if (found.model != nullptr) {
    return found;
  }
  const std::string nearest = catalog::NearestOf(name, catalog::ModelNames());
  return absl::NotFoundError(
      "unknown model " + catalog::Quoted(name) +
      (nearest.empty() ? "; `cusp models` lists them" : "; did you mean '" + nearest + "'?"));
}

Json BoundJson(const Key& key, double bound) {
  return key.type.starts_with("integer") ? Json(static_cast<int64_t>(bound)) : Json(bound);
}

Json KeyJson(const Key& key) {
  Json json;
  json["name"] = key.name;
  json["type"] = key.type;
  json["default"] =
      key.default_value.empty() ? Json(nullptr) : Json::parse(key.default_value, nullptr, false);
  json["meaning"] = key.meaning;
  if (key.low > -kUnbounded) {
    json["min"] = BoundJson(key, key.low);
  }
  if (key.high < kUnbounded) {
    json["max"] = BoundJson(key, key.high);
  }
  if (!key.choices.empty()) {
    json["choices"] = Json::array();
    std::istringstream choices{std::string(key.choices)};
    for (std::string choice; choices >> choice;) {
      json["choices"].push_back(choice);
    }
  }
  return json;
}

Json SummaryJson(const Model& model) {
  Json json;
  json["name"] = model.name;
  json["modality"] = ModalityText(model.modality);
  json["what"] = model.what;
  json["modes"] = Modes(model);
  json["attention"] = Backends(model);
  json["cost_order"] = model.cost_order;
  json["source"] = model.source;
  return json;
}

std::string Dumped(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string KeysText(const Model& model) {
  TextTable table({{"key"}, {"type"}, {"default"}, {"meaning"}});
  for (const Key& key : model.keys) {
    table.AddRow({std::string(key.name), std::string(key.type),
                  key.default_value.empty() ? "-" : std::string(key.default_value),
                  std::string(key.meaning)});
  }
  return table.ToString(2);
}

std::string PresetsText() {
  const auto right = TextTable::Align::kRight;
  TextTable table({{"preset"},
                   {"layers", right},
                   {"features", right},
                   {"heads", right},
                   {"feed-forward", right}});
  for (const catalog::Preset& preset : catalog::Presets()) {
    table.AddRow({std::string(preset.name), std::to_string(preset.num_hidden_layers),
                  std::to_string(preset.hidden_size), std::to_string(preset.num_attention_heads),
                  std::to_string(preset.intermediate_size)});
  }
  return table.ToString();
}

void Field(std::string& text, const std::string& name, std::string_view value) {
  text += "  " + name + std::string(12 - name.size(), ' ') + std::string(value) + "\n";
}

}  // namespace

std::string AllModelsText() {
  TextTable table({{"model"}, {"input"}, {"modes"}, {"cost"}, {"what"}, {"source"}});
  for (const Model& model : catalog::Models()) {
    table.AddRow({std::string(model.name), std::string(ModalityText(model.modality)),
                  Joined(Modes(model), ","), std::string(model.cost_order), std::string(model.what),
                  std::string(model.source)});
  }
  std::string text = table.ToString() + "\nNamed sizes:";
  for (const NamedConfig& named : catalog::NamedConfigs()) {
    text += " " + std::string(named.name);
  }
  return text + "\n\n" + PresetsText() +
         "\nn: length, d: features, w: window, m: landmarks, k: projected rows.\n"
         "'cusp models NAME' shows a model's keys.\n";
}

std::string AllModelsJson() {
  Json json;
  json["models"] = Json::array();
  for (const Model& model : catalog::Models()) {
    json["models"].push_back(SummaryJson(model));
  }
  json["named_sizes"] = Json::array();
  for (const NamedConfig& named : catalog::NamedConfigs()) {
    json["named_sizes"].push_back({{"name", named.name}, {"model", named.model}});
  }
  json["presets"] = Json::array();
  for (const catalog::Preset& preset : catalog::Presets()) {
    json["presets"].push_back({{"name", preset.name},
                               {"num_hidden_layers", preset.num_hidden_layers},
                               {"hidden_size", preset.hidden_size},
                               {"num_attention_heads", preset.num_attention_heads},
                               {"intermediate_size", preset.intermediate_size}});
  }
  return Dumped(json);
}

absl::StatusOr<std::string> OneModelText(const std::string& name) {
  CUSP_ASSIGN_OR_RETURN(const Found found, Find(name));
  const Model& model = *found.model;
  std::string text = name + ": " + std::string(model.what) + "\n";
  if (found.named != nullptr) {
    const Json config = Json::parse(found.named->config_json, nullptr, false);
    text = name + ": a named size of " + std::string(model.name) + "\n";
    Field(text, "config", config.dump());
  }
  const std::vector<std::string> backends = Backends(model);
  Field(text, "source", model.source);
  Field(text, "cost", model.cost_order);
  Field(text, "modes", Joined(Modes(model), ", "));
  Field(text, "attention", backends.empty() ? "its own, no choice" : Joined(backends, ", "));
  Field(text, "padding", model.padding);
  Field(text, "lengths", model.lengths);
  const std::vector<std::string_view> axes = catalog::AxesOf(model);
  Field(text, "axes", axes.empty() ? "none" : Joined({axes.begin(), axes.end()}, ", "));
  text += "\n" + KeysText(model) +
          "\nDefaults are those of transformers; a job's preset replaces the shape. '-' is "
          "derived.\n";
  const std::string costs = CostsText(model, CostsAtUsualLengths(model, found.named));
  if (!costs.empty()) {
    text += "\nCosts of " + (found.named != nullptr ? name : "the base preset") + ":\n" + costs;
  }
  return text;
}

absl::StatusOr<std::string> OneModelJson(const std::string& name) {
  CUSP_ASSIGN_OR_RETURN(const Found found, Find(name));
  Json json = SummaryJson(*found.model);
  if (found.named != nullptr) {
    json["named_size"] = found.named->name;
    json["config"] = Json::parse(found.named->config_json, nullptr, false);
  }
  json["padding"] = found.model->padding;
  json["lengths"] = found.model->lengths;
  json["axes"] = catalog::AxesOf(*found.model);
  json["keys"] = Json::array();
  for (const Key& key : found.model->keys) {
    json["keys"].push_back(KeyJson(key));
  }
  const v1::LengthUnit unit = catalog::UnitOf(found.model->modality);
  json["unit"] = catalog::ToText(unit);
  json["costs"] = Json::array();
  for (const ModelCost& cost : CostsAtUsualLengths(*found.model, found.named)) {
    json["costs"].push_back(
        {{"length", catalog::InUnit(static_cast<double>(cost.length), unit)},
         {"parameters", cost.parameters},
         {"flops", cost.flops},
         {"training_step_flops", cost.step_flops},
         {"decode_step_flops", cost.decode_flops > 0 ? Json(cost.decode_flops) : Json()},
         {"bytes", cost.bytes},
         {"mixing_share", cost.mixing_share}});
  }
  return Dumped(json);
}

void AddModels(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("models", "List what can be profiled");
  auto name = std::make_shared<std::string>();
  command->add_option("name", *name, "A model or named size: shows its keys")->type_name("NAME");
  command->callback([&invocation, name] {
    invocation.action = [&invocation, name]() -> int {
      if (name->empty()) {
        std::cout << (invocation.json ? AllModelsJson() : AllModelsText());
        return kExitDone;
      }
      const auto text = invocation.json ? OneModelJson(*name) : OneModelText(*name);
      if (!text.ok()) {
        return ReportError(text.status());
      }
      std::cout << *text;
      return kExitDone;
    };
  });
}

}  // namespace cusp::client
