// The backbone of both Swins: blocks with attention in shifted windows, and patches
// merged two by two between stages.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "worker/models/layers/block.h"
#include "worker/models/layers/layer_runner.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/window_attention.h"
#include "worker/models/vision/image_model.h"

namespace cusp::models {

enum class SwinVersion {
  kOne,  // norms before, windows clamped to the map
  kTwo,  // norms on branches, windows clamped to image_size's map
};

// Features of a map, [B, height * width, d].
struct FeatureMap {
  at::Tensor x = {};
  int64_t height = 0;
  int64_t width = 0;
};

// Registers embeddings and encoder of the reference's SwinModel or Swinv2Model. Owned by
// a model.
class SwinBackbone {
 public:
  SwinBackbone(ParameterStore& store, const Config& config, const BuildOptions& build,
               SwinVersion version);

  // pixels [B, C, H, W] in whole patches. `visit` sees what each stage gives before its
  // patches are merged; the last of these is returned.
  FeatureMap operator()(const at::Tensor& pixels,
                        const std::function<void(const FeatureMap& map)>& visit = {});

  // Features of each stage.
  const std::vector<int64_t>& features() const { return features_; }

 private:
  struct Stage {
    int64_t window = 0;
    int64_t shift = 0;  // of every second block
    std::vector<std::unique_ptr<WindowAttention>> attentions;
    std::vector<Block> blocks;
    std::unique_ptr<LayerNorm> merge_norm;  // null in the last stage
    std::unique_ptr<Linear> merge;
  };

  void AddStage(ParameterStore& store, const Config& config, const BuildOptions& build,
                size_t index);
  FeatureMap Embed(const at::Tensor& pixels) const;
  void Run(Stage& stage, FeatureMap& map) const;
  void Merge(const Stage& stage, FeatureMap& map) const;

  SwinVersion version_;
  int64_t patch_;
  double dropout_;
  at::Tensor patch_weight_;
  at::Tensor patch_bias_;
  LayerNorm patch_norm_;
  std::vector<int64_t> features_;
  std::vector<Stage> stages_;
  LayerRunner run_;
};

// The backbone and a norm: [B, patches of the last stage, d].
class SwinModel : public ImageModel {
 public:
  SwinModel(const Config& config, const BuildOptions& build, SwinVersion version);

  at::Tensor Forward(const Inputs& inputs) override;
  std::string AttentionUsed() const override { return "eager"; }

 private:
  SwinBackbone backbone_;
  LayerNorm norm_;
};

}  // namespace cusp::models
