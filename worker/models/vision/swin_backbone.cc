#include "worker/models/vision/swin_backbone.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/vision/swin_encoder.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/ops_conv.h"

namespace cusp::models {
namespace {

constexpr double kEps = 1e-5;  // of the norms that layer_norm_eps does not reach

// Of block `block` of a stage: the later among those of all stages, the more often.
double DropPathOf(const Config& config, const BuildOptions& build, size_t stage, int64_t block) {
  const std::vector<int64_t> depths = config.Ints("depths");
  const auto begin = depths.begin() + static_cast<int64_t>(stage);
  const int64_t before = std::accumulate(depths.begin(), begin, block);
  const int64_t last = std::accumulate(depths.begin(), depths.end(), int64_t{-1});
  return build.training ? config.Real("drop_path_rate") * static_cast<double>(before) /
                              static_cast<double>(std::max<int64_t>(last, 1))
                        : 0;
}

BlockOptions BlockOptionsOf(const Config& config, const BuildOptions& build, size_t stage,
                            const AttentionShape& shape, SwinVersion version) {
  return {.hidden_size = shape.hidden_size,
          .attention_size = shape.inner_size(),
          .intermediate_size = catalog::SwinRows(config.values(), stage),
          .activation = ActivationOf(config.Text("hidden_act")),
          .layer_norm_eps = config.Real("layer_norm_eps"),
          .dropout = build.training ? config.Real("hidden_dropout_prob") : 0,
          .norm = version == SwinVersion::kOne ? NormPlace::kBefore : NormPlace::kOnBranch};
}

}  // namespace

SwinBackbone::SwinBackbone(ParameterStore& store, const Config& config, const BuildOptions& build,
                           SwinVersion version)
    : version_(version),
      patch_(config.Int("patch_size")),
      dropout_(build.training ? config.Real("hidden_dropout_prob") : 0),
      patch_weight_(
          store.Normal("embeddings.patch_embeddings.projection.weight",
                       {config.Int("embed_dim"), config.Int("num_channels"), patch_, patch_})),
      patch_bias_(store.Constant("embeddings.patch_embeddings.projection.bias",
                                 {config.Int("embed_dim")}, 0)),
      patch_norm_(store, "embeddings.norm", config.Int("embed_dim"), kEps),
      run_(store) {
  for (size_t i = 0; i < config.Ints("depths").size(); ++i) {
    AddStage(store, config, build, i);
  }
}

void SwinBackbone::AddStage(ParameterStore& store, const Config& config, const BuildOptions& build,
                            size_t index) {
  const int64_t features = config.Int("embed_dim") << index;
  const AttentionShape shape = {
      .hidden_size = features,
      .heads = config.Ints("num_heads")[index],
      .head_size = catalog::SwinHeadSize(config.values(), index),
      .dropout = build.training ? config.Real("attention_probs_dropout_prob") : 0,
      .linear = {.bias = config.Flag("qkv_bias")}};
  const int64_t window = config.Int("window_size");
  const int64_t made_for = (config.Int("image_size") / patch_) >> index;
  Stage stage;
  const bool clamped = version_ == SwinVersion::kTwo && made_for <= window;
  stage.window = clamped ? made_for : window;
  stage.shift = clamped ? 0 : window / 2;
  const std::string prefix = absl::StrCat("encoder.layers.", index);
  BlockOptions options = BlockOptionsOf(config, build, index, shape, version_);
  for (int64_t i = 0; i < config.Ints("depths")[index]; ++i) {
    const std::string block = absl::StrCat(prefix, ".blocks.", i);
    store.ShareLayer(block, prefix + ".blocks.0");
    stage.attentions.push_back(
        version_ == SwinVersion::kOne
            ? MakeTableWindowAttention(store, block + ".attention.self", shape, window)
            : MakeCosineWindowAttention(store, block + ".attention.self", shape, stage.window,
                                        config.Ints("pretrained_window_sizes")[index]));
    options.attention_drop_path = DropPathOf(config, build, index, i);
    // As in transformers.
    options.feed_forward_drop_path =
        version_ == SwinVersion::kTwo ? options.attention_drop_path : 0;
    stage.blocks.emplace_back(store, block, options);
  }
  if (index + 1 < config.Ints("depths").size()) {
    const bool norm_first = version_ == SwinVersion::kOne;
    stage.merge_norm = std::make_unique<LayerNorm>(store, prefix + ".downsample.norm",
                                                   (norm_first ? 4 : 2) * features, kEps);
    stage.merge = std::make_unique<Linear>(store, prefix + ".downsample.reduction", 4 * features,
                                           2 * features, LinearOptions{.bias = false});
  }
  features_.push_back(features);
  stages_.push_back(std::move(stage));
}

FeatureMap SwinBackbone::operator()(const at::Tensor& pixels,
                                    const std::function<void(const FeatureMap& map)>& visit) {
  FeatureMap map = Embed(pixels);
  for (Stage& stage : stages_) {
    Run(stage, map);
    if (visit) {
      visit(map);
    }
    if (stage.merge != nullptr) {
      Merge(stage, map);
    }
  }
  return map;
}

FeatureMap SwinBackbone::Embed(const at::Tensor& pixels) const {
  Enter(Component::kFrontEnd);
  const at::Tensor patches = ops::Conv2d(pixels, patch_weight_, patch_bias_, {.stride = patch_});
  Enter(Component::kEmbedding);
  FeatureMap map = {.height = patches.size(2), .width = patches.size(3)};
  map.x = patch_norm_(patches.flatten(2).transpose(1, 2));
  map.x = dropout_ > 0 ? ops::Dropout(map.x, dropout_) : map.x;
  return map;
}

void SwinBackbone::Run(Stage& stage, FeatureMap& map) const {
  WindowCut cut = {.height = map.height, .width = map.width, .window = stage.window};
  int64_t shift = stage.shift;
  if (const int64_t side = std::min(map.height, map.width);
      version_ == SwinVersion::kOne && side <= stage.window) {
    cut.window = side;
    shift = 0;
  }
  WindowCut shifted = cut;
  shifted.shift = shift;
  const at::Tensor mask = stage.blocks.size() > 1
                              ? ShiftMask(shifted, map.x.scalar_type(), map.x.device())
                              : at::Tensor();
  for (size_t i = 0; i < stage.blocks.size(); ++i) {
    const bool shifts = i % 2 == 1 && shift > 0;
    const auto attend = [attention = stage.attentions[i].get(), cut = shifts ? shifted : cut,
                         mask = shifts ? mask : at::Tensor()](const at::Tensor& y) {
      return (*attention)(y, cut, mask);
    };
    map.x = run_(map.x, [block = &stage.blocks[i], attend](const at::Tensor& y) {
      return (*block)(y, attend);
    });
  }
}

void SwinBackbone::Merge(const Stage& stage, FeatureMap& map) const {
  Enter(Component::kOther);
  at::Tensor x = MergePatches(map.x, map.height, map.width);
  x = version_ == SwinVersion::kOne ? (*stage.merge)((*stage.merge_norm)(x))
                                    : (*stage.merge_norm)((*stage.merge)(x));
  map = {.x = x, .height = (map.height + 1) / 2, .width = (map.width + 1) / 2};
}

SwinModel::SwinModel(const Config& config, const BuildOptions& build, SwinVersion version)
    : ImageModel(config, build),
      backbone_(store(), config, build, version),
      norm_(store(), "layernorm", backbone_.features().back(), config.Real("layer_norm_eps")) {}

at::Tensor SwinModel::Forward(const Inputs& inputs) {
  const FeatureMap map = backbone_(WholePatches(inputs));
  Enter(Component::kNorm);
  return norm_(map.x);
}

}  // namespace cusp::models
