#include "catalog/builtin_models.h"
#include "catalog/vision/swin_encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr std::array<Size, 4> kSizes = {{
    {"swin-tiny", "{}"},
    {"swin-small", R"({"depths": [2, 2, 18, 2]})"},
    {"swin-base", R"({"embed_dim": 128, "depths": [2, 2, 18, 2], "num_heads": [4, 8, 16, 32]})"},
    {"swin-large", R"({"embed_dim": 192, "depths": [2, 2, 18, 2], "num_heads": [6, 12, 24, 48]})"},
}};

// Besides the rest a table of biases for each block, and a norm before each merging.
double Parameters(const Json& config) {
  const double offsets = 2 * Real(config, "window_size") - 1;
  double total = SwinParameters(config);
  const size_t stages = config.at("depths").size();
  ForEachSwinStage(config, 1, false, [&](const SwinStage& stage) {
    total += stage.depth * offsets * offsets * stage.heads;
    total += stage.index + 1 < stages ? 8 * stage.features : 0;
  });
  return total;
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  SwinCost(config, work, /*fixed=*/false, tally, [](const SwinStage&) {});
}

}  // namespace

constinit const Model kSwin = {
    .name = "swin",
    .modality = Modality::kVision,
    .what = "attention in shifted windows, patches merged between stages",
    .cost_order = "O(n w^2 d + n d^2), n = (side / patch)^2",
    .source = "Liu et al., Swin Transformer, ICCV 2021 (arXiv:2103.14030)",
    .keys = kSwinKeys,
    .inert_keys = kSwinInertKeys,
    .sizes = kSizes,
    .padding = "in each stage to whole windows; none to window * patch * 2^(stages - 1)",
    .lengths = kSwinLengths,
    .rules = SwinRules(Parameters, Cost),
};

}  // namespace cusp::catalog
