#include "worker/models/text/nystromformer.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/ops.h"

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
      : heads_(shape.heads),
        landmarks_(landmarks),
        query_(store, prefix + ".query", shape.hidden_size, shape.hidden_size),
        key_(store, prefix + ".key", shape.hidden_size, shape.hidden_size),
        value_(store, prefix + ".value", shape.hidden_size, shape.hidden_size),
        taps_(taps.value_or(0)) {
    if (taps.has_value()) {
      conv_ = store.Normal(prefix + ".conv.weight", {shape.heads, 1, *taps, 1});
    }
  }

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override {
    const at::Tensor q = SplitHeads(query_(x), heads_);
    const at::Tensor k = SplitHeads(key_(x), heads_);
    const at::Tensor v = SplitHeads(value_(x), heads_);
    at::Tensor context = landmarks_ == 0 ? SoftmaxAttention(q, k, v, mask.additive)
                                         : NystromAttention(q, k, v, mask.additive, landmarks_,
                                                            kPseudoInverseIterations);
    if (taps_ > 0) {
      context.add_(ops::DepthwiseConv2d(v, conv_, {taps_ / 2, 0}));
    }
    return MergeHeads(context);
  }

 private:
  int64_t heads_;
  int64_t landmarks_;
  Linear query_;
  Linear key_;
  Linear value_;
  int64_t taps_;
  at::Tensor conv_;  // [heads, 1, taps, 1]
};

NystromformerOptions ReadOptions(ConfigReader& config, bool profiling) {
  NystromformerOptions options;
  options.encoder = ReadEncoderOptions(config, {.max_position_embeddings = 510,
                                                .pad_token_id = 1,
                                                .hidden_act = Activation::kGeluTanh,
                                                .layer_norm_eps = 1e-5,
                                                .positions = Positions::kFromTwo});
  options.num_landmarks = config.Integer("num_landmarks", options.num_landmarks, 1, 1 << 20);
  options.segment_means_seq_len =
      config.Integer("segment_means_seq_len", options.segment_means_seq_len, 1);
  options.conv_kernel_size =
      config.OptionalInteger("conv_kernel_size", options.conv_kernel_size, 1, 1 << 20);
  if (options.conv_kernel_size.value_or(1) % 2 == 0) {
    config.Fail("conv_kernel_size", absl::StrCat(*options.conv_kernel_size,
                                                 " is even; the output would be one token longer"));
  }
  // transformers itself cannot build with true.
  config.Require("inv_coeff_init_option", false, "the start is scaled by the batch's maximum");
  if (!profiling && options.segment_means_seq_len % options.num_landmarks != 0) {
    config.Fail("segment_means_seq_len",
                absl::StrCat(options.segment_means_seq_len,
                             " is not a multiple of num_landmarks = ", options.num_landmarks));
  }
  return options;
}

// Lengths that the model takes: in profiling any that gives segments of at
// least two tokens, else the one that the configuration fixes.
void SetLengths(const NystromformerOptions& options, bool profiling, ConfigReader& config,
                EncoderVariant& variant) {
  const int64_t positions = options.encoder.max_position_embeddings;
  if (profiling) {
    variant.quantum = options.num_landmarks;
    variant.min_length = options.num_landmarks + 1;
    variant.max_length = positions / options.num_landmarks * options.num_landmarks;
    variant.length_reason = absl::StrCat(
        "num_landmarks is ", options.num_landmarks,
        ", as many tokens are plain softmax attention, and max_position_embeddings is ", positions);
    if (variant.max_length < variant.min_length) {
      config.Fail("num_landmarks", absl::StrCat(options.num_landmarks,
                                                " leaves no length to profile below "
                                                "max_position_embeddings = ",
                                                positions));
    }
    return;
  }
  variant.max_length = positions;
  variant.length_reason = absl::StrCat("max_position_embeddings is ", positions);
  if (options.num_landmarks != options.segment_means_seq_len) {
    variant.min_length = options.segment_means_seq_len;
    variant.max_length = options.segment_means_seq_len;
    variant.length_reason = "segment_means_seq_len fixes it";
    if (options.segment_means_seq_len > positions) {
      config.Fail("segment_means_seq_len",
                  absl::StrCat(options.segment_means_seq_len,
                               " exceeds max_position_embeddings = ", positions));
    }
  }
}

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

absl::StatusOr<std::unique_ptr<Model>> BuildNystromformer(ConfigReader& config,
                                                          const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "nystromformer"));
  const NystromformerOptions options = ReadOptions(config, build.profiling);
  EncoderVariant variant;
  SetLengths(options, build.profiling, config, variant);
  CUSP_RETURN_IF_ERROR(config.Finish());
  const bool softmax = !build.profiling && options.num_landmarks == options.segment_means_seq_len;
  variant.make_attention = [shape = AttentionShapeOf(options.encoder, build),
                            landmarks = softmax ? 0 : options.num_landmarks,
                            taps = options.conv_kernel_size](ParameterStore& store,
                                                             const std::string& prefix, int64_t) {
    return std::make_unique<NystromAttentionLayer>(store, prefix, shape, landmarks, taps);
  };
  return EncoderModel::Create(options.encoder, variant, build);
}

}  // namespace cusp::models
