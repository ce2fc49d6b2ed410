// Performer: the softmax kernel as a product of positive random features. The
// skeleton is BERT's.
#include "worker/models/text/performer.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/kernel_attention.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/query_key_value.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {
namespace {

constexpr double kStabilizer = 1e-4;

class PerformerAttention : public SelfAttention {
 public:
  PerformerAttention(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                     int64_t features)
      : qkv_(store, prefix, shape),
        features_(store.Buffer(prefix + ".features",
                               OrthogonalFeatures(features, shape.head_size, store.generator()))) {}

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override {
    const auto [q, k, v] = qkv_.InHeads(x);
    Enter(Component::kMixing);
    return MergeHeads(KernelAttention(PositiveFeatures(q, features_, FeatureSide::kQuery),
                                      PositiveFeatures(k, features_, FeatureSide::kKey), v,
                                      mask.keep, /*epsilon=*/0));
  }

 private:
  QueryKeyValue qkv_;
  at::Tensor features_;  // [m, d_h]
};

}  // namespace

at::Tensor OrthogonalFeatures(int64_t features, int64_t head_size, at::Generator& generator) {
  const auto normal = [&generator](at::IntArrayRef sizes) {
    return ops::Empty(sizes, at::kFloat, at::kCPU).normal_(0, 1, generator);
  };
  std::vector<at::Tensor> blocks;
  for (int64_t done = 0; done < features; done += head_size) {
    const auto [q, r] = ops::Qr(normal({head_size, head_size}));
    // Without the sign Q is not uniform, and the estimate is biased.
    const at::Tensor directions = q.mul(r.diagonal().sgn()).t();
    blocks.push_back(directions.narrow(0, 0, std::min(head_size, features - done)));
  }
  const at::Tensor lengths = normal({features, head_size}).square().sum(1, /*keepdim=*/true);
  return ops::Cat(blocks, 0).mul(lengths.sqrt());
}

at::Tensor PositiveFeatures(const at::Tensor& x, const at::Tensor& features, FeatureSide side) {
  const auto size = static_cast<double>(x.size(3));
  const at::Tensor flat = x.reshape({-1, x.size(3)});
  // The scale of x goes into the few directions.
  const at::Tensor product = flat.mm(features.t().mul(std::pow(size, -0.25)))
                                 .view({x.size(0), x.size(1), x.size(2), features.size(0)});
  const at::Tensor half_norm =
      flat.square().sum(1).mul_(0.5 / std::sqrt(size)).view({x.size(0), x.size(1), x.size(2), 1});
  const at::Tensor largest = side == FeatureSide::kQuery ? product.amax({3}, /*keepdim=*/true)
                                                         : product.amax({2, 3}, /*keepdim=*/true);
  const at::Tensor shift = half_norm.add(largest);
  if (ops::GradientsOn() && x.requires_grad()) {
    return product.sub(shift).exp_().add(kStabilizer);
  }
  return product.sub_(shift).exp_().add_(kStabilizer);
}

absl::StatusOr<std::unique_ptr<Model>> BuildPerformer(const Config& config,
                                                      const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "performer"));
  EncoderVariant variant;
  variant.make_attention = [shape = AttentionShapeOf(config, build),
                            features = config.Int("num_features")](
                               ParameterStore& store, const std::string& prefix, int64_t) {
    return std::make_unique<PerformerAttention>(store, prefix, shape, features);
  };
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
