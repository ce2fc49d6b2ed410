#include "client/cli/model_costs.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "catalog/axes.h"
#include "catalog/config.h"
#include "catalog/job_check.h"
#include "catalog/lengths.h"
#include "client/cli/format.h"
#include "client/cli/text_table.h"

namespace cusp::client {
namespace {

std::vector<int64_t> UsualLengths(catalog::Modality modality) {
  switch (modality) {
    case catalog::Modality::kText:
      return {128, 512, 2048, 8192};
    case catalog::Modality::kSpeech:
      return {16'000, 80'000, 320'000};  // 1, 5 and 20 s of 16 kHz audio
    case catalog::Modality::kVision:
      return {224, 448, 896};
  }
  return {};
}

// Three significant digits with a decimal prefix: "22.4 G".
std::string Prefixed(double value) {
  constexpr std::array<const char*, 6> kPrefixes = {"", "k", "M", "G", "T", "P"};
  size_t prefix = 0;
  while (std::abs(value) >= 999.5 && prefix + 1 < kPrefixes.size()) {
    value /= 1000;
    ++prefix;
  }
  const int digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  char text[32];
  std::snprintf(text, sizeof text, "%.*f %s", digits, value, kPrefixes[prefix]);
  return text;
}

double FlopsOf(const catalog::Model& model, const nlohmann::json& config, int64_t length,
               catalog::Pass pass) {
  catalog::CostTally tally({.length = length, .pass = pass});
  catalog::AddCost(model, config, tally);
  return tally.Total().flops;
}

}  // namespace

std::vector<ModelCost> CostsAtUsualLengths(const catalog::Model& model,
                                           const catalog::NamedConfig* named) {
  std::vector<ModelCost> costs;
  for (const int64_t length : UsualLengths(model.modality)) {
    catalog::ConfigRequest request;
    request.model = &model;
    request.preset = named == nullptr ? catalog::FindPreset("base") : nullptr;
    request.base_json = named == nullptr ? std::string_view() : named->config_json;
    request.longest_length = length;
    const catalog::ConfigOutcome outcome = catalog::CompleteConfigOf(request);
    if (!outcome.faults.empty() || length < outcome.config.limits.min ||
        length > outcome.config.limits.max) {
      continue;
    }
    const nlohmann::json config = nlohmann::json::parse(outcome.config.json);
    catalog::CostTally tally({.length = length});
    catalog::AddCost(model, config, tally);
    const catalog::ComponentCost total = tally.Total();
    catalog::CostTally decoded({.length = length});
    if (model.rules.decode_cost != nullptr) {
      model.rules.decode_cost(config, decoded.work(), decoded);
    }
    costs.push_back({.length = length,
                     .parameters = outcome.config.parameters,
                     .flops = total.flops,
                     .step_flops = FlopsOf(model, config, length, catalog::Pass::kTraining),
                     .decode_flops = decoded.Total().flops,
                     .bytes = total.bytes,
                     .mixing_share = tally[catalog::Component::kMixing].flops / total.flops});
  }
  return costs;
}

std::string CostsText(const catalog::Model& model, const std::vector<ModelCost>& costs) {
  if (costs.empty()) {
    return "";
  }
  const auto right = TextTable::Align::kRight;
  const v1::LengthUnit unit = catalog::UnitOf(model.modality);
  std::vector<TextTable::Column> columns = {
      {catalog::ToText(unit), right}, {"parameters", right},     {"FLOP forward", right},
      {"FLOP training step", right},  {"memory traffic", right}, {"mixing", right}};
  const bool decodes = costs.front().decode_flops > 0;
  if (decodes) {
    columns.push_back({"FLOP decoding step", right});
  }
  TextTable table(columns);
  for (const ModelCost& cost : costs) {
    std::vector<std::string> row = {FormatLength(static_cast<double>(cost.length), unit),
                                    Prefixed(cost.parameters),
                                    Prefixed(cost.flops),
                                    Prefixed(cost.step_flops),
                                    FormatBytes(cost.bytes),
                                    std::to_string(std::lround(100 * cost.mixing_share)) + " %"};
    if (decodes) {
      row.push_back(Prefixed(cost.decode_flops));
    }
    table.AddRow(std::move(row));
  }
  return table.ToString(2) +
         "\nBy formula, at batch 1 in float32: products and convolutions alone. mixing: the share "
         "of attention\nitself, without its projections." +
         (decodes ? " A decoding step adds one token to so many.\n" : "\n");
}

}  // namespace cusp::client
