#include "catalog/builtin_models.h"
#include "catalog/vision/swin_encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys =
    Join(kSwinKeys, std::array<Key, 1>{{{"decoder_hidden_size", "integer", "256",
                                         "features of every stage in the decoder", 1, 1e6}}});

// The decoder instead of the backbone's last norm; norms before merging as in Swin.
double Parameters(const Json& config) {
  const double offsets = 2 * Real(config, "window_size") - 1;
  const double decoder = Real(config, "decoder_hidden_size");
  double total = SwinParameters(config);
  const size_t stages = config.at("depths").size();
  ForEachSwinStage(config, 1, false, [&](const SwinStage& stage) {
    total += stage.depth * offsets * offsets * stage.heads;
    total += stage.index + 1 < stages ? 8 * stage.features : -2 * stage.features;
    total += decoder * (stage.features + 1);
  });
  return total + decoder * (static_cast<double>(stages) * decoder + 1);
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  SwinCost(config, work, /*fixed=*/false, tally, [](const SwinStage&) {});
  const double decoder = Real(config, "decoder_hidden_size");
  ForEachSwinStage(config, work.length, false, [&](const SwinStage& stage) {
    const double rows = tally.batch() * static_cast<double>(stage.side * stage.side);
    tally.Linear(Component::kOther, rows, stage.features, decoder);
  });
  const double rows = tally.batch() * static_cast<double>(SwinTokens(config, work.length));
  const auto stages = static_cast<double>(config.at("depths").size());
  tally.Linear(Component::kOther, rows, stages * decoder, decoder);
}

}  // namespace

constinit const Model kSsformer = {
    .name = "ssformer",
    .modality = Modality::kVision,
    .what = "Swin with a light decoder over all stages, for segmentation",
    .cost_order = "O(n w^2 d + n d^2), n = (side / patch)^2",
    .source = "Shi et al., SSformer, ICME 2022 (arXiv:2208.02034)",
    .keys = kKeys,
    .inert_keys = kSwinInertKeys,
    .padding = "in each stage to whole windows; none to window * patch * 2^(stages - 1)",
    .lengths = kSwinLengths,
    .rules = SwinRules(Parameters, Cost),
};

}  // namespace cusp::catalog
