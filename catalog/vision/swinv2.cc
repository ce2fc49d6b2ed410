#include <string>

#include "catalog/builtin_models.h"
#include "catalog/vision/swin_encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr double kBiasFeatures = 512;  // inside the perceptron that makes the biases

constexpr auto kKeys =
    Join(kSwinKeys,
         std::array<Key, 1>{{{"pretrained_window_sizes", "integer list", "[0, 0, 0, 0]",
                              "windows of each stage in pre-training, which scale the offsets; 0: "
                              "the window itself",
                              0, 1024}}});

constexpr std::array<Size, 4> kSizes = {{
    {"swinv2-tiny-w8-256", R"({"image_size": 256, "window_size": 8})"},
    {"swinv2-small-w8-256", R"({"image_size": 256, "window_size": 8, "depths": [2, 2, 18, 2]})"},
    {"swinv2-base-w8-256",
     R"({"image_size": 256, "window_size": 8, "embed_dim": 128, "depths": [2, 2, 18, 2],
         "num_heads": [4, 8, 16, 32]})"},
    {"swinv2-base-w16-256",
     R"({"image_size": 256, "window_size": 16, "embed_dim": 128, "depths": [2, 2, 18, 2],
         "num_heads": [4, 8, 16, 32]})"},
}};

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  if (auto fault = CheckSwin(check)) {
    return fault;
  }
  const size_t stages = check.config.at("depths").size();
  if (check.config.at("pretrained_window_sizes").size() < stages) {
    return ConfigFault{"pretrained_window_sizes",
                       "pretrained_window_sizes lists fewer windows than there are stages; give "
                       "one for each"};
  }
  for (const Json& window : check.config.at("pretrained_window_sizes")) {
    if (window == 1) {
      return ConfigFault{"pretrained_window_sizes",
                         "a window of 1 patch has no offsets to scale; use 0"};
    }
  }
  const int64_t map =
      (Int(check.config, "image_size") / Int(check.config, "patch_size")) >> (stages - 1);
  if (map == 0) {
    return ConfigFault{"image_size", "image_size leaves no patch for the last of " +
                                         std::to_string(stages) + " stages; enlarge it"};
  }
  return std::nullopt;
}

// Besides the rest a perceptron and a scale for each block, a norm after each merging;
// keys have no bias.
double Parameters(const Json& config) {
  double total = SwinParameters(config);
  const size_t stages = config.at("depths").size();
  ForEachSwinStage(config, 1, true, [&](const SwinStage& stage) {
    const double perceptron = 3 * kBiasFeatures + kBiasFeatures * stage.heads;
    const double key_bias = Flag(config, "qkv_bias") ? stage.inner() : 0;
    total += stage.depth * (perceptron + stage.heads - key_bias);
    total += stage.index + 1 < stages ? 4 * stage.features : 0;
  });
  return total;
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  SwinCost(config, work, /*fixed=*/true, tally, [&tally](const SwinStage& stage) {
    const double offsets = static_cast<double>(2 * stage.window - 1);
    tally.Linear(Component::kMixing, offsets * offsets, 2, kBiasFeatures, Gradients::kOne);
    tally.Linear(Component::kMixing, offsets * offsets, kBiasFeatures, stage.heads);
  });
}

}  // namespace

constinit const Model kSwinv2 = {
    .name = "swinv2",
    .modality = Modality::kVision,
    .what = "Swin with cosine attention, computed position biases and norms after each part",
    .cost_order = "O(n w^2 d + n d^2), n = (side / patch)^2",
    .source = "Liu et al., Swin Transformer V2, CVPR 2022 (arXiv:2111.09883)",
    .keys = kKeys,
    .inert_keys = kSwinInertKeys,
    .sizes = kSizes,
    .padding = "in each stage to whole windows; none to window * patch * 2^(stages - 1)",
    .lengths = kSwinLengths,
    .rules = SwinRules(Parameters, Cost, Check),
};

}  // namespace cusp::catalog
