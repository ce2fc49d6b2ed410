#include "worker/models/text/nystromformer.h"

#include <cmath>
#include <optional>
#include <string>

#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/query_key_value.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {
namespace {

constexpr int64_t kPseudoInverseIterations = 6;

at::Tensor SoftmaxAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                            const at::Tensor& additive) {
  at::Tensor scores =
      q.matmul(k.transpose(2, 3)).mul_(1 / std::sqrt(static_cast<double>(q.size(3))));
  if (additive.defined()) {
    scores.add_(additive);
  }
  return scores.softmax(-1).matmul(v);
}

at::Tensor SegmentMeans(const at::Tensor& x, int64_t segments) {
  return x.view({x.size(0), x.size(1), segments, x.size(2) / segments, x.size(3)}).mean(3);
}

class NystromAttentionLayer : public SelfAttention {
 public:
  // `landmarks` 0: plain softmax attention.
  NystromAttentionLayer(ParameterStore& store, const std::string& prefix,
                        const AttentionShape& shape, int64_t landmarks, std::optional<int64_t> taps)
      : landmarks_(landmarks), qkv_(store, prefix, shape), taps_(taps.value_or(0)) {
    if (taps.has_value()) {
      conv_ = store.Normal(prefix + ".conv.weight", {shape.heads, 1, *taps, 1});
    }
  }

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override {
    const auto [q, k, v] = qkv_.InHeads(x);
    Enter(Component::kMixing);
    at::Tensor context = landmarks_ == 0 ? SoftmaxAttention(q, k, v, mask.additive)
                                         : NystromAttention(q, k, v, mask.additive, landmarks_,
                                                            kPseudoInverseIterations);
    if (taps_ > 0) {
      context.add_(ops::DepthwiseConv2d(v, conv_, {taps_ / 2, 0}));
    }
    return MergeHeads(context);
  }

 private:
  int64_t landmarks_;
  QueryKeyValue qkv_;
  int64_t taps_;
  at::Tensor conv_;  // [heads, 1, taps, 1]
};

}  // namespace

at::Tensor IterativePseudoInverse(const at::Tensor& matrices, int64_t iterations) {
  at::Tensor z = matrices.transpose(1, 2).div(matrices.sum(1).max());
  for (int64_t i = 0; i < iterations; ++i) {
    // z/4 (13 I - az (15 I - az (7 I - az))), with the identities multiplied out.
    const at::Tensor az = matrices.bmm(z);
    const at::Tensor inner = ops::AddBmm(az, az, az, 7, -1);
    const at::Tensor middle = ops::AddBmm(az, az, inner, 15, -1);
    z = ops::AddBmm(z, z, middle, 13.0 / 4, -1.0 / 4);
  }
  return z;
}

at::Tensor NystromAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                            const at::Tensor& additive, int64_t landmarks, int64_t iterations) {
  const int64_t batch = q.size(0);
  const int64_t heads = q.size(1);
  const int64_t length = q.size(2);
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(3)));
  const auto flat = [&](const at::Tensor& x) {
    return x.reshape({batch * heads, x.size(2), x.size(3)});
  };
  const at::Tensor q_means = flat(SegmentMeans(q, landmarks));
  const at::Tensor k_means = flat(SegmentMeans(k, landmarks)).transpose(1, 2);
  const at::Tensor to_landmarks = ops::ScaledBmm(flat(q), k_means, scale).softmax(-1);
  const at::Tensor between = ops::ScaledBmm(q_means, k_means, scale).softmax(-1);
  at::Tensor scores = ops::ScaledBmm(q_means, flat(k).transpose(1, 2), scale);
  if (additive.defined()) {
    scores.view({batch, heads, landmarks, length}).add_(additive);
  }
  const at::Tensor from_tokens = scores.softmax(-1);
  // From the right, so that the inverse meets m rows and not n.
  const at::Tensor gathered = from_tokens.bmm(flat(v));
  return to_landmarks.bmm(IterativePseudoInverse(between, iterations).bmm(gathered))
      .view({batch, heads, length, v.size(3)});
}

absl::StatusOr<std::unique_ptr<Model>> BuildNystromformer(const Config& config,
                                                          const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "nystromformer"));
  const int64_t landmarks = config.Int("num_landmarks");
  // With as many landmarks as tokens the reference takes plain attention.
  const bool softmax = !build.profiling && landmarks == config.Int("segment_means_seq_len");
  EncoderVariant variant;
  variant.positions = Positions::kFromTwo;
  variant.quantum = softmax ? 1 : landmarks;
  variant.make_attention = [shape = AttentionShapeOf(config, build),
                            means = softmax ? 0 : landmarks,
                            taps = config.OptionalInt("conv_kernel_size")](
                               ParameterStore& store, const std::string& prefix, int64_t) {
    return std::make_unique<NystromAttentionLayer>(store, prefix, shape, means, taps);
  };
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
