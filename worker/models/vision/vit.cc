// ViT (Dosovitskiy et al., 2021): plain pre-norm attention between the patches of
// an image, with any of LibTorch's attention kernels.
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "catalog/text/encoder.h"
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/block.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/layer_runner.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/ops_conv.h"
#include "worker/models/layers/plain_attention.h"
#include "worker/models/vision/image_model.h"

namespace cusp::models {
namespace {

AttentionShape ShapeOf(const Config& config, const BuildOptions& build) {
  return {.hidden_size = config.Int("hidden_size"),
          .heads = config.Int("num_attention_heads"),
          .head_size = catalog::HeadSize(config.values()),
          .dropout = build.training ? config.Real("attention_probs_dropout_prob") : 0,
          .linear = {.bias = config.Flag("qkv_bias")}};
}

class Vit : public ImageModel {
 public:
  Vit(const Config& config, AttentionBackend backend, const BuildOptions& build)
      : ImageModel(config, build),
        hidden_size_(config.Int("hidden_size")),
        grid_(config.Int("image_size") / patch()),
        dropout_(build.training ? config.Real("hidden_dropout_prob") : 0),
        class_token_(store().Normal("embeddings.cls_token", {1, 1, hidden_size_})),
        positions_(
            store().Normal("embeddings.position_embeddings", {1, grid_ * grid_ + 1, hidden_size_})),
        patch_weight_(store().Normal("embeddings.patch_embeddings.projection.weight",
                                     {hidden_size_, channels(), patch(), patch()})),
        patch_bias_(
            store().Constant("embeddings.patch_embeddings.projection.bias", {hidden_size_}, 0)),
        run_(store()) {
    const BlockOptions block = {.hidden_size = hidden_size_,
                                .attention_size = ShapeOf(config, build).inner_size(),
                                .intermediate_size = config.Int("intermediate_size"),
                                .activation = ActivationOf(config.Text("hidden_act")),
                                .layer_norm_eps = config.Real("layer_norm_eps"),
                                .dropout = dropout_};
    for (int64_t i = 0; i < config.Int("num_hidden_layers"); ++i) {
      const std::string prefix = absl::StrCat("encoder.layer.", i);
      store().ShareLayer(prefix, "encoder.layer.0");
      attentions_.push_back(std::make_unique<PlainAttention>(
          store(), prefix + ".attention.attention", ShapeOf(config, build), backend));
      blocks_.emplace_back(store(), prefix, block);
    }
    norm_ = std::make_unique<LayerNorm>(store(), "layernorm", hidden_size_, block.layer_norm_eps);
  }

  // [B, 1 + patches, d], the class token first.
  at::Tensor Forward(const Inputs& inputs) override {
    at::Tensor x = Embed(build().profiling ? WholePatches(inputs) : Pixels(inputs));
    for (size_t i = 0; i < blocks_.size(); ++i) {
      x = run_(x, [this, i](const at::Tensor& y) {
        return blocks_[i](y, [&](const at::Tensor& z) { return attentions_[i]->Forward(z, {}); });
      });
    }
    Enter(Component::kNorm);
    return (*norm_)(x);
  }

  std::string AttentionUsed() const override {
    return attentions_.empty() ? "" : attentions_.front()->KernelUsed();
  }

 private:
  at::Tensor Embed(const at::Tensor& pixels) const {
    Enter(Component::kFrontEnd);
    const at::Tensor map = ops::Conv2d(pixels, patch_weight_, patch_bias_, {.stride = patch()});
    Enter(Component::kEmbedding);
    const at::Tensor patches = map.flatten(2).transpose(1, 2);
    const at::Tensor first = class_token_.expand({patches.size(0), 1, hidden_size_});
    at::Tensor x = ops::Cat({first, patches}, 1);
    x.add_(Positions(pixels.size(2), pixels.size(3)));
    return dropout_ > 0 ? ops::Dropout(x, dropout_) : x;
  }

  // The table is of a square image; others interpolate it, as the reference does.
  at::Tensor Positions(int64_t height, int64_t width) const {
    const int64_t rows = height / patch();
    const int64_t columns = width / patch();
    if (height == width && rows == grid_) {
      return positions_;
    }
    const at::Tensor table = positions_.narrow(1, 1, grid_ * grid_)
                                 .view({1, grid_, grid_, hidden_size_})
                                 .permute({0, 3, 1, 2});
    const at::Tensor resized = ops::ResizeBicubic(table, rows, columns)
                                   .permute({0, 2, 3, 1})
                                   .reshape({1, rows * columns, hidden_size_});
    return ops::Cat({positions_.narrow(1, 0, 1), resized}, 1);
  }

  int64_t hidden_size_;
  int64_t grid_;  // patches along a side of image_size
  double dropout_;
  at::Tensor class_token_;
  at::Tensor positions_;  // [1, 1 + grid^2, d]
  at::Tensor patch_weight_;
  at::Tensor patch_bias_;
  std::vector<std::unique_ptr<PlainAttention>> attentions_;
  std::vector<Block> blocks_;
  std::unique_ptr<LayerNorm> norm_;
  LayerRunner run_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildVit(const Config& config, const BuildOptions& build) {
  CUSP_ASSIGN_OR_RETURN(const AttentionBackend backend,
                        ChooseBackend(ShapeOf(config, build), build));
  return std::make_unique<Vit>(config, backend, build);
}

}  // namespace cusp::models
