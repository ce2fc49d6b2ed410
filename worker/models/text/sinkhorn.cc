// Sparse Sinkhorn attention (Tay et al., 2020): a block of queries attends to its own
// keys and to a mixture of all blocks' keys, by a matrix between blocks that is brought
// near a permutation. The skeleton is BERT's.
#include <cmath>

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

struct SinkhornOptions {
  int64_t block = 0;
  double temperature = 1;
  int64_t iterations = 0;
};

class SinkhornAttention : public SelfAttention {
 public:
  SinkhornAttention(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                    const SinkhornOptions& options)
      : qkv_(store, prefix, shape), dropout_(shape.dropout), options_(options) {}

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override {
    const auto [q, k, v] = qkv_.InHeads(x);
    Enter(Component::kMixing);
    const at::Tensor queries = InBlocks(q, {});
    const at::Tensor keys = InBlocks(k, mask.keep);
    const at::Tensor values = InBlocks(v, mask.keep);
    const at::Tensor sorting = Sorting(queries, keys, mask.keep);
    const at::Tensor weights =
        Weights(queries, WithSorted(sorting, keys), mask.additive, x.size(0));
    return MergeHeads(weights.bmm(WithSorted(sorting, values)).view(q.sizes()));
  }

 private:
  // [B, h, n, d_h] as [B * h, blocks, block, d_h], tokens that are left out 0.
  at::Tensor InBlocks(const at::Tensor& x, const at::Tensor& keep) const {
    const at::Tensor kept =
        keep.defined() ? x.mul(keep.view({keep.size(0), 1, keep.size(1), 1})) : x;
    return kept.reshape(
        {x.size(0) * x.size(1), x.size(2) / options_.block, options_.block, x.size(3)});
  }

  // Mean of each block's real tokens: [B * h, blocks, d_h].
  at::Tensor Means(const at::Tensor& blocks, const at::Tensor& keep) const {
    if (!keep.defined()) {
      return blocks.mean(2);
    }
    const int64_t batch = keep.size(0);
    const at::Tensor real =
        keep.view({batch, 1, blocks.size(1), options_.block, 1}).to(blocks.scalar_type());
    const at::Tensor by_head =
        blocks.view({batch, -1, blocks.size(1), options_.block, blocks.size(3)});
    return by_head.mul(real)
        .sum(3)
        .div(real.sum(3).clamp_min(1))
        .view({blocks.size(0), blocks.size(1), blocks.size(3)});
  }

  // How much of each block a block sees: [B * h, blocks, blocks], rows and columns
  // balanced in turn (Sinkhorn's iteration on logarithms, section 3 there).
  at::Tensor Sorting(const at::Tensor& queries, const at::Tensor& keys,
                     const at::Tensor& keep) const {
    const double scale =
        1 / (std::sqrt(static_cast<double>(queries.size(3))) * options_.temperature);
    at::Tensor scores =
        ops::ScaledBmm(Means(queries, keep), Means(keys, keep).transpose(1, 2), scale);
    for (int64_t i = 0; i < options_.iterations; ++i) {
      scores = scores.log_softmax(-1).log_softmax(-2);
    }
    return scores.exp();
  }

  // The mixture of all blocks before each block itself: [B * h * blocks, 2 * block, d_h].
  at::Tensor WithSorted(const at::Tensor& sorting, const at::Tensor& blocks) const {
    const at::Tensor sorted = sorting.bmm(blocks.flatten(2)).view(blocks.sizes());
    return ops::Cat({sorted, blocks}, 2).view({-1, 2 * options_.block, blocks.size(3)});
  }

  // Of own keys alone some are masked: in the mixture they are 0 already.
  at::Tensor Weights(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& additive,
                     int64_t batch) const {
    at::Tensor scores = ops::ScaledBmm(queries.flatten(0, 1), keys.transpose(1, 2),
                                       1 / std::sqrt(static_cast<double>(queries.size(3))));
    if (additive.defined()) {
      scores.view({batch, -1, queries.size(1), options_.block, 2 * options_.block})
          .narrow(-1, options_.block, options_.block)
          .add_(additive.view({batch, 1, queries.size(1), 1, options_.block}));
    }
    return SoftmaxWeights(scores, dropout_);
  }

  QueryKeyValue qkv_;
  double dropout_;
  SinkhornOptions options_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildSinkhorn(const Config& config,
                                                     const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "sinkhorn"));
  const SinkhornOptions options = {.block = config.Int("block_size"),
                                   .temperature = config.Real("temperature"),
                                   .iterations = config.Int("sinkhorn_iterations")};
  EncoderVariant variant;
  variant.make_attention = [shape = AttentionShapeOf(config, build), options](
                               ParameterStore& store, const std::string& prefix, int64_t) {
    return std::make_unique<SinkhornAttention>(store, prefix, shape, options);
  };
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
