// Synthesizer (Tay et al., 2021): attention without keys. Scores come from each query
// alone, or are learned outright, as a matrix or as two factors. The skeleton is BERT's.
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/ops.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {
namespace {

// softmax(scores + mask) v with scores [h, B or 1, n, n] from a subclass.
class SynthesizerAttention : public SelfAttention {
 public:
  SynthesizerAttention(ParameterStore& store, const std::string& prefix,
                       const AttentionShape& shape)
      : shape_(shape), value_(store, prefix + ".value", shape.hidden_size, shape.inner_size()) {}

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override {
    at::Tensor scores = Scores(x);
    Enter(Component::kProjection);
    const at::Tensor v = value_(x).view({x.size(0), x.size(1), shape_.heads, shape_.head_size});
    Enter(Component::kMixing);
    if (mask.additive.defined()) {
      scores = scores.add(mask.additive.transpose(0, 1));
    } else if (shape_.dropout > 0) {
      scores = scores.expand({-1, x.size(0), -1, -1});
    }
    return Mix(SoftmaxWeights(scores, shape_.dropout), v);
  }

 protected:
  virtual at::Tensor Scores(const at::Tensor& x) const = 0;
  const AttentionShape& shape() const { return shape_; }

 private:
  // weights [h, B or 1, n, n] and v [B, n, h, d_h] give [B, n, h * d_h].
  static at::Tensor Mix(const at::Tensor& weights, const at::Tensor& v) {
    const int64_t batch = v.size(0);
    const int64_t n = v.size(1);
    const int64_t heads = v.size(2);
    if (weights.size(1) == batch) {
      const at::Tensor values = v.permute({2, 0, 1, 3}).reshape({heads * batch, n, v.size(3)});
      return weights.reshape({heads * batch, n, n})
          .bmm(values)
          .view({heads, batch, n, v.size(3)})
          .permute({1, 2, 0, 3})
          .reshape({batch, n, -1});
    }
    // One matrix for all samples: their values stand side by side.
    const at::Tensor values = v.permute({2, 1, 0, 3}).reshape({heads, n, batch * v.size(3)});
    return weights.squeeze(1)
        .bmm(values)
        .view({heads, n, batch, v.size(3)})
        .permute({2, 1, 0, 3})
        .reshape({batch, n, -1});
  }

  AttentionShape shape_;
  Linear value_;
};

// relu(q) W^T + b: every query gives a score to each position.
class DenseSynthesizer : public SynthesizerAttention {
 public:
  DenseSynthesizer(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                   int64_t positions)
      : SynthesizerAttention(store, prefix, shape),
        query_(store, prefix + ".query", shape.hidden_size, shape.inner_size()),
        weight_(store.Normal(prefix + ".synthesizer_weight",
                             {shape.heads, positions, shape.head_size})),
        bias_(store.Constant(prefix + ".synthesizer_bias", {shape.heads, positions}, 0)) {}

 protected:
  at::Tensor Scores(const at::Tensor& x) const override {
    Enter(Component::kProjection);
    const int64_t n = x.size(1);
    // Heads first; a view, because batch and tokens lie behind one another.
    const at::Tensor q =
        query_(x).relu_().view({x.size(0) * n, shape().heads, shape().head_size}).transpose(0, 1);
    Enter(Component::kMixing);
    return ops::AddBmm(bias_.narrow(1, 0, n).unsqueeze(1), q,
                       weight_.narrow(1, 0, n).transpose(1, 2), 1, 1)
        .view({shape().heads, x.size(0), n, n});
  }

 private:
  Linear query_;
  at::Tensor weight_;  // [h, N, d_h]
  at::Tensor bias_;    // [h, N]
};

// R[:n, :n].
class RandomSynthesizer : public SynthesizerAttention {
 public:
  RandomSynthesizer(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                    int64_t positions)
      : SynthesizerAttention(store, prefix, shape),
        scores_(store.Normal(prefix + ".random", {shape.heads, positions, positions})) {}

 protected:
  at::Tensor Scores(const at::Tensor& x) const override {
    const int64_t n = x.size(1);
    return scores_.narrow(1, 0, n).narrow(2, 0, n).unsqueeze(1);
  }

 private:
  at::Tensor scores_;  // [h, N, N]
};

// R1 R2^T.
class FactorizedSynthesizer : public SynthesizerAttention {
 public:
  FactorizedSynthesizer(ParameterStore& store, const std::string& prefix,
                        const AttentionShape& shape, int64_t positions, int64_t rank)
      : SynthesizerAttention(store, prefix, shape),
        left_(store.Normal(prefix + ".random_left", {shape.heads, positions, rank})),
        right_(store.Normal(prefix + ".random_right", {shape.heads, positions, rank})) {}

 protected:
  at::Tensor Scores(const at::Tensor& x) const override {
    Enter(Component::kMixing);
    const int64_t n = x.size(1);
    return left_.narrow(1, 0, n).bmm(right_.narrow(1, 0, n).transpose(1, 2)).unsqueeze(1);
  }

 private:
  at::Tensor left_;   // [h, N, r]
  at::Tensor right_;  // [h, N, r]
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildSynthesizer(const Config& config,
                                                        const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "synthesizer"));
  EncoderVariant variant;
  variant.make_attention =
      [shape = AttentionShapeOf(config, build), kind = config.Text("synthesizer"),
       positions = config.Int("max_position_embeddings"),
       rank = config.Int("synthesizer_rank")](ParameterStore& store, const std::string& prefix,
                                              int64_t) -> std::unique_ptr<SelfAttention> {
    if (kind == "dense") {
      return std::make_unique<DenseSynthesizer>(store, prefix, shape, positions);
    }
    if (kind == "random") {
      return std::make_unique<RandomSynthesizer>(store, prefix, shape, positions);
    }
    return std::make_unique<FactorizedSynthesizer>(store, prefix, shape, positions, rank);
  };
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
