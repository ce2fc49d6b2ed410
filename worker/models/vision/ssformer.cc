// SSformer (Shi et al., 2022): Swin, and a decoder that brings all stages to one size
// and mixes them in two linear maps.
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/ops_conv.h"
#include "worker/models/vision/swin_backbone.h"

namespace cusp::models {
namespace {

class Ssformer : public ImageModel {
 public:
  Ssformer(const Config& config, const BuildOptions& build)
      : ImageModel(config, build), backbone_(store(), config, build, SwinVersion::kOne) {
    const int64_t size = config.Int("decoder_hidden_size");
    for (size_t i = 0; i < backbone_.features().size(); ++i) {
      linear_.emplace_back(store(), absl::StrCat("decode_head.linear_c.", i, ".proj"),
                           backbone_.features()[i], size);
    }
    fuse_ = std::make_unique<Linear>(store(), "decode_head.linear_fuse",
                                     size * static_cast<int64_t>(linear_.size()), size);
  }

  // [B, patches of the first stage, decoder_hidden_size].
  at::Tensor Forward(const Inputs& inputs) override {
    std::vector<FeatureMap> maps;
    backbone_(WholePatches(inputs), [&maps](const FeatureMap& map) { maps.push_back(map); });
    Enter(Component::kOther);
    std::vector<at::Tensor> resized;
    for (size_t i = 0; i < maps.size(); ++i) {
      resized.push_back(Resized(linear_[i](maps[i].x), maps[i], maps.front()));
    }
    return (*fuse_)(ops::Cat(resized, -1));
  }

  std::string AttentionUsed() const override { return "eager"; }

 private:
  static at::Tensor Resized(const at::Tensor& x, const FeatureMap& from, const FeatureMap& to) {
    if (from.height == to.height && from.width == to.width) {
      return x;
    }
    const at::Tensor map =
        x.transpose(1, 2).reshape({x.size(0), x.size(2), from.height, from.width});
    return ops::ResizeBilinear(map, to.height, to.width).flatten(2).transpose(1, 2);
  }

  SwinBackbone backbone_;
  std::vector<Linear> linear_;
  std::unique_ptr<Linear> fuse_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildSsformer(const Config& config,
                                                     const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "ssformer"));
  return std::make_unique<Ssformer>(config, build);
}

}  // namespace cusp::models
