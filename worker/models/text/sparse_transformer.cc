// The sparse Transformer (Child et al., 2019): causal attention by one of two patterns,
// each in full by reshaping. The skeleton is BERT's.
#include <algorithm>
#include <cmath>
#include <vector>

#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/kv_cache.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/query_key_value.h"
#include "worker/models/layers/sequence_mask.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {
namespace {

struct SparseOptions {
  bool fixed = true;
  int64_t length = 0;   // of a block, or the stride; 0: the root of the input's length
  int64_t summary = 0;  // of fixed
  int64_t positions = 0;
};

int64_t Root(int64_t x) {
  return std::max<int64_t>(1, static_cast<int64_t>(std::sqrt(static_cast<double>(x))));
}

// A sequence cut into blocks. Heads are brought apart by the one copy there is.
struct Blocks {
  int64_t batch, heads, count, length, size;

  // [B, h, n, d_h] as [B, h, count, length, d_h].
  at::Tensor Cut(const at::Tensor& x) const {
    return x.reshape({batch, heads, count, length, size}).contiguous();
  }
  // Block by block: [B * h * count, length, d_h].
  static at::Tensor Rows(const at::Tensor& blocks) { return blocks.flatten(0, 2); }
  // Tokens at the same place of their blocks: [B * h * length, count, d_h].
  static at::Tensor Columns(const at::Tensor& blocks) {
    return blocks.transpose(2, 3).flatten(0, 2);
  }
  // Every block behind the one before it: [B, h, count, 2 * length, d_h].
  static at::Tensor WithPrevious(const at::Tensor& blocks) {
    const at::Tensor earlier = blocks.narrow(2, 0, blocks.size(2) - 1);
    return ops::Cat({ops::Pad(earlier, {0, 0, 0, 0, 1, 0}, 0), blocks}, 3);
  }
};

// 0 for j < i, else MaskValue: [n, n].
at::Tensor StrictlyEarlier(int64_t n, const at::Tensor& like) {
  return ops::Full({n, n}, MaskValue(like.scalar_type()), like.scalar_type(), like.device())
      .triu_(0);
}

class SparseAttention : public SelfAttention {
 public:
  SparseAttention(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                  const SparseOptions& options)
      : qkv_(store, prefix, shape),
        core_(AttentionBackend::kEager, shape.dropout),
        dropout_(shape.dropout),
        options_(options) {}

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override {
    const auto projections = qkv_.InHeads(x);
    Enter(Component::kMixing);
    const int64_t length = options_.length > 0 ? options_.length : Root(x.size(1));
    return Mix(projections, mask, length);
  }

  std::unique_ptr<LayerState> NewState() const override { return std::make_unique<KvCache>(); }

  at::Tensor Extend(const at::Tensor& x, LayerState& state) override {
    auto& cache = static_cast<KvCache&>(state);
    const auto projections = qkv_.InHeads(x);
    Enter(Component::kMixing);
    // A pattern that changed with every token would not be one.
    const int64_t length = options_.length > 0 ? options_.length : Root(options_.positions);
    const auto& [q, k, v] = projections;
    if (cache.length() == 0) {
      cache.Append(k, v);
      return Mix(projections, {}, length);
    }
    std::vector<at::Tensor> outputs;
    for (int64_t i = 0; i < x.size(1); ++i) {
      cache.Append(k.narrow(2, i, 1), v.narrow(2, i, 1));
      outputs.push_back(
          core_(q.narrow(2, i, 1), Seen(cache.keys(), length), Seen(cache.values(), length), {}));
    }
    return ops::Cat(outputs, 1);
  }

 private:
  // What the last of the tokens in x [B, h, n, d_h] sees of them.
  at::Tensor Seen(const at::Tensor& x, int64_t length) const {
    const int64_t last = x.size(2) - 1;
    if (!options_.fixed) {
      const int64_t near = std::min(length, last + 1);
      const at::Tensor neighbours = x.narrow(2, last + 1 - near, near);
      return last < length
                 ? neighbours
                 : ops::Cat({x.slice(2, last % length, last - length + 1, length), neighbours}, 2);
    }
    const int64_t blocks = last / length;
    const at::Tensor own = x.narrow(2, blocks * length, last + 1 - blocks * length);
    if (blocks == 0) {
      return own;
    }
    const int64_t summary = std::min(options_.summary, length);
    const at::Tensor summaries = x.narrow(2, 0, blocks * length)
                                     .unflatten(2, {blocks, length})
                                     .narrow(3, length - summary, summary)
                                     .flatten(2, 3);
    return ops::Cat({summaries, own}, 2);
  }

  at::Tensor Mix(const Projections& projections, const SequenceMask& mask, int64_t length) const {
    const auto& [q, k, v] = projections;
    const int64_t n = q.size(2);
    // From the input's length on every pattern is plain causal attention.
    const int64_t step = std::min(length, n);
    const int64_t padding = (step - n % step) % step;
    const auto padded = [padding](const at::Tensor& x) {
      return padding > 0 ? ops::Pad(x, {0, 0, 0, padding}, 0) : x;
    };
    const Blocks blocks = {q.size(0), q.size(1), (n + padding) / step, step, q.size(3)};
    at::Tensor hidden;
    if (mask.keep.defined()) {
      hidden = mask.keep.logical_not();
      hidden = (padding > 0 ? ops::Pad(hidden, {0, padding}, 1) : hidden)
                   .view({blocks.batch, 1, blocks.count, 1, step});
    }
    const at::Tensor queries = blocks.Cut(padded(q));
    const at::Tensor keys = blocks.Cut(padded(k));
    const at::Tensor values = blocks.Cut(padded(v));
    const at::Tensor output = options_.fixed ? Fixed(blocks, queries, keys, values, hidden)
                                             : Strided(blocks, queries, keys, values, hidden);
    // Of one head it would be a view with gaps, from which no one product can project.
    return MergeHeads(output.flatten(2, 3).narrow(2, 0, n)).contiguous();
  }

  // alpha q k^T + mask, with what `hidden` marks masked too: [B, h, …, keys] as `sizes` say.
  static at::Tensor Scores(const at::Tensor& mask, const at::Tensor& q, const at::Tensor& k,
                           at::IntArrayRef sizes, const at::Tensor& hidden) {
    at::Tensor scores =
        ops::AddBmm(mask, q, k.transpose(1, 2), 1, 1 / std::sqrt(static_cast<double>(q.size(2))))
            .view(sizes);
    return hidden.defined() ? scores.masked_fill_(hidden, MaskValue(q.scalar_type())) : scores;
  }

  // A token's own block up to itself, and the last tokens of all blocks before.
  at::Tensor Fixed(const Blocks& b, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                   const at::Tensor& hidden) const {
    const at::Tensor own = Scores(
        CausalMask(b.length, b.length, q.scalar_type(), q.device()).unsqueeze(0), Blocks::Rows(q),
        Blocks::Rows(k), {b.batch, b.heads, b.count, b.length, b.length}, hidden);
    if (b.count == 1) {
      return SoftmaxWeights(own, dropout_).flatten(0, 2).bmm(Blocks::Rows(v)).view(q.sizes());
    }
    const int64_t summary = std::min(options_.summary, b.length);
    const auto summaries = [&](const at::Tensor& x) {
      return x.narrow(3, b.length - summary, summary)
          .reshape({b.batch * b.heads, b.count * summary, b.size});
    };
    const at::Tensor rows = q.view({b.batch * b.heads, b.count * b.length, b.size});
    const at::Tensor earlier = StrictlyEarlier(b.count, q)
                                   .view({b.count, 1, b.count, 1})
                                   .expand({b.count, b.length, b.count, summary})
                                   .reshape({1, b.count * b.length, b.count * summary});
    const at::Tensor hidden_summaries = hidden.defined()
                                            ? hidden.narrow(4, b.length - summary, summary)
                                                  .reshape({b.batch, 1, 1, 1, b.count * summary})
                                            : hidden;
    const at::Tensor to_summaries =
        Scores(earlier, rows, summaries(k),
               {b.batch, b.heads, b.count, b.length, b.count * summary}, hidden_summaries);
    const at::Tensor weights = SoftmaxWeights(ops::Cat({to_summaries, own}, -1), dropout_);
    const at::Tensor from_summaries =
        weights.narrow(-1, 0, b.count * summary)
            .reshape({b.batch * b.heads, b.count * b.length, b.count * summary})
            .bmm(summaries(v));
    return weights.narrow(-1, b.count * summary, b.length)
        .flatten(0, 2)
        .bmm(Blocks::Rows(v))
        .view(q.sizes())
        .add_(from_summaries.view(q.sizes()));
  }

  // The last `length` tokens, and every length-th before them.
  at::Tensor Strided(const Blocks& b, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const at::Tensor& hidden) const {
    if (b.count == 1) {
      return Fixed(b, q, k, v, hidden);
    }
    const at::Tensor hidden_near =
        hidden.defined()
            ? ops::Cat({ops::Pad(hidden.narrow(2, 0, b.count - 1), {0, 0, 0, 0, 1, 0}, 1), hidden},
                       4)
            : hidden;
    at::Tensor near =
        Scores(Window(b.length, q), Blocks::Rows(q), Blocks::Rows(Blocks::WithPrevious(k)),
               {b.batch, b.heads, b.count, b.length, 2 * b.length}, hidden_near);
    near.select(2, 0).narrow(-1, 0, b.length).fill_(MaskValue(q.scalar_type()));
    const at::Tensor hidden_far = hidden.defined() ? hidden.permute({0, 1, 4, 3, 2}) : hidden;
    const at::Tensor far =
        Scores(StrictlyEarlier(b.count, q).unsqueeze(0), Blocks::Columns(q), Blocks::Columns(k),
               {b.batch, b.heads, b.length, b.count, b.count}, hidden_far)
            .transpose(2, 3);
    const at::Tensor weights = SoftmaxWeights(ops::Cat({near, far}, -1), dropout_);
    const at::Tensor from_far = Blocks::Columns(weights.narrow(-1, 2 * b.length, b.count))
                                    .bmm(Blocks::Columns(v))
                                    .view({b.batch, b.heads, b.length, b.count, b.size});
    return weights.narrow(-1, 0, 2 * b.length)
        .flatten(0, 2)
        .bmm(Blocks::Rows(Blocks::WithPrevious(v)))
        .view(q.sizes())
        .add_(from_far.transpose(2, 3));
  }

  // [1, length, 2 * length]: of a block and the one before it, the last `length` tokens.
  static at::Tensor Window(int64_t length, const at::Tensor& like) {
    const at::Tensor row = ops::Arange(length, like.device()).unsqueeze(1);
    const at::Tensor column = ops::Arange(2 * length, like.device());
    const at::Tensor outside = column.le(row).logical_or(column.gt(row.add(length)));
    return ops::Full({1, length, 2 * length}, 0, like.scalar_type(), like.device())
        .masked_fill_(outside, MaskValue(like.scalar_type()));
  }

  QueryKeyValue qkv_;
  AttentionCore core_;
  double dropout_;
  SparseOptions options_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildSparseTransformer(const Config& config,
                                                              const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "sparse_transformer"));
  const bool fixed = config.Text("pattern") == "fixed";
  const SparseOptions options = {
      .fixed = fixed,
      .length = config.OptionalInt(fixed ? "block_size" : "stride").value_or(0),
      .summary = config.Int("summary_size"),
      .positions = config.Int("max_position_embeddings")};
  EncoderVariant variant;
  variant.make_attention = [shape = AttentionShapeOf(config, build), options](
                               ParameterStore& store, const std::string& prefix, int64_t) {
    return std::make_unique<SparseAttention>(store, prefix, shape, options);
  };
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
