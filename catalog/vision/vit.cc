#include <array>

#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"
#include "catalog/vision/images.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr std::array<Key, 13> kKeys = {{
    {"hidden_size", "integer", "768", "features of a patch; a multiple of num_attention_heads", 1,
     1e6},
    {"num_hidden_layers", "integer", "12", "layers", 1, 1e4},
    {"num_attention_heads", "integer", "12", "attention heads of a layer", 1, 1e5},
    {"intermediate_size", "integer", "3072", "features inside the feed-forward part", 1, 1e7},
    {"hidden_act", "string", R"("gelu")", "activation of the feed-forward part", -1e300, 1e300,
     kActivations},
    {"image_size", "integer", "224",
     "image side of the table of positions, which other sides interpolate", 1, 32768},
    {"patch_size", "integer", "16", "pixels along a patch; at most image_size", 1, 32768},
    {"num_channels", "integer", "3", "channels of an image", 1, 1024},
    {"qkv_bias", "boolean", "true", "whether query, key and value have biases"},
    {"layer_norm_eps", "number", "1e-12", "added to variances", 1e-30, 1.0},
    {"initializer_range", "number", "0.02", "standard deviation of random weights", 1e-12, 10.0},
    {"hidden_dropout_prob", "number", "0.0", "dropout after projections, in training", 0.0, 0.99},
    {"attention_probs_dropout_prob", "number", "0.0", "dropout on attention, in training", 0.0,
     0.99},
}};

constexpr std::array<Size, 3> kSizes = {{
    {"vit-base-16", "{}"},
    {"vit-base-32", R"({"patch_size": 32})"},
    {"vit-large-16",
     R"({"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
         "intermediate_size": 4096})"},
}};

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  if (auto fault = CheckHeads(check)) {
    return fault;
  }
  return CheckPatch(check);
}

// When profiling, what is no whole patch is filled up; the reference cuts it off.
LengthLimits Limits(const Json& config, bool profiling) {
  LengthLimits limits = ImageLimits(config, profiling);
  if (!profiling) {
    limits.min = Int(config, "patch_size");
    limits.min_reason = "a patch must fit in";
  }
  return limits;
}

int64_t Patch(const Json& config) { return Int(config, "patch_size"); }

// One class token before the patches.
int64_t Tokens(const Json& config, int64_t pixels) {
  const int64_t side = PatchesAlong(config, pixels);
  return side * side + 1;
}

double Parameters(const Json& config) {
  const double d = Real(config, "hidden_size");
  const int64_t side = Int(config, "image_size") / Patch(config);
  const auto positions = static_cast<double>(side * side);
  const double layer =
      EncoderLayerParameters(config) - (Flag(config, "qkv_bias") ? 0 : 3 * InnerSize(config));
  return PatchParameters(config, d) + (positions + 2) * d +
         Real(config, "num_hidden_layers") * layer + 2 * d;
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  PatchCost(config, work.length, Real(config, "hidden_size"), tally);
  const int64_t tokens = Tokens(config, work.length);
  EncoderCost(config, tokens, tally, [&] { PlainAttentionCost(config, tokens, tally); });
}

}  // namespace

constinit const Model kVit = {
    .name = "vit",
    .modality = Modality::kVision,
    .what = "plain pre-norm encoder of image patches: the baseline of vision",
    .cost_order = "O(n^2 d + n d^2), n = (side / patch)^2",
    .source = "Dosovitskiy et al., ViT, ICLR 2021 (arXiv:2010.11929)",
    .attention_backends = true,
    .keys = kKeys,
    .inert_keys = kImageInertKeys,
    .sizes = kSizes,
    .padding = "to a multiple of patch_size",
    .lengths = kImageLengths,
    .rules = {.check = Check,
              .quantum = Patch,
              .limits = Limits,
              .parameters = Parameters,
              .tokens = Tokens,
              .cost = Cost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
