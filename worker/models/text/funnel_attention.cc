#include "worker/models/text/funnel_attention.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "catalog/text/funnel.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

at::Tensor Uniform(ParameterStore& store, const std::string& name, at::IntArrayRef sizes,
                   double high) {
  return store.Of(name,
                  ops::Empty(sizes, at::kFloat, at::kCPU).uniform_(0, high, store.generator()));
}

// x [B, n, heads, size], heads first: [heads, B * n, size].
at::Tensor HeadsFirst(const at::Tensor& x) {
  return x.permute({2, 0, 1, 3}).reshape({x.size(2), x.size(0) * x.size(1), x.size(3)});
}

// … and samples apart: [heads * B, n, size].
at::Tensor HeadsAndSamples(const at::Tensor& x) {
  return x.permute({2, 0, 1, 3}).reshape({x.size(2) * x.size(0), x.size(1), x.size(3)});
}

}  // namespace

FunnelAttention::FunnelAttention(ParameterStore& store, const std::string& prefix,
                                 const FunnelAttentionOptions& options)
    : options_(options),
      scale_(1 / std::sqrt(static_cast<double>(options.head_size))),
      query_(store, prefix + ".q_head", options.hidden_size, options.heads * options.head_size,
             {.bias = false}),
      key_(store, prefix + ".k_head", options.hidden_size, options.heads * options.head_size),
      value_(store, prefix + ".v_head", options.hidden_size, options.heads * options.head_size) {
  const std::array<int64_t, 2> head = {options.heads, options.head_size};
  const double high = options.initializer_range;
  content_bias_ = Uniform(store, prefix + ".r_w_bias", head, high);
  distance_bias_ = Uniform(store, prefix + ".r_r_bias", head, high);
  distance_kernel_ = Uniform(store, prefix + ".r_kernel",
                             {options.hidden_size, options.heads, options.head_size}, high);
  kind_bias_ = Uniform(store, prefix + ".r_s_bias", head, high);
  kinds_ = Uniform(store, prefix + ".seg_embed", {2, options.heads, options.head_size}, high);
}

at::Tensor FunnelAttention::operator()(const at::Tensor& query, const at::Tensor& context,
                                       const FunnelView& view) const {
  Enter(Component::kProjection);
  const auto in_heads = [&](const at::Tensor& x) {
    return x.view({x.size(0), x.size(1), options_.heads, options_.head_size});
  };
  const at::Tensor q = in_heads(query_(query));
  const at::Tensor k = HeadsAndSamples(in_heads(key_(context)));
  const at::Tensor v = HeadsAndSamples(in_heads(value_(context)));
  Enter(Component::kMixing);
  const at::Tensor content = q.add(content_bias_);
  const at::Tensor distance = q.add(distance_bias_);
  at::Tensor distances;
  if (options_.shift) {
    distances = view.waves.mm(distance_kernel_.flatten(1))
                    .view({view.waves.size(0), options_.heads, options_.head_size})
                    .permute({1, 2, 0});
  }
  std::vector<at::Tensor> outputs;
  for (int64_t begin = 0; begin < view.queries; begin += catalog::kFunnelQueries) {
    const int64_t count = std::min(catalog::kFunnelQueries, view.queries - begin);
    outputs.push_back(Attend({.begin = begin,
                              .count = count,
                              .content = content.narrow(1, begin, count),
                              .distance = distance.narrow(1, begin, count),
                              .plain = q.narrow(1, begin, count)},
                             k, v, distances, view));
  }
  return outputs.size() == 1 ? outputs[0] : ops::Cat(outputs, 1);
}

at::Tensor FunnelAttention::Attend(const Piece& piece, const at::Tensor& k, const at::Tensor& v,
                                   const at::Tensor& distances, const FunnelView& view) const {
  const int64_t batch = piece.content.size(0);
  at::Tensor scores = options_.shift ? Shifted(piece, distances, view) : Factorized(piece, view);
  AddKinds(scores, piece, view);
  // The product writes its sum with them; no pass of its own brings shifted rows into line.
  scores = ops::AddBmm(scores.flatten(0, 1), HeadsAndSamples(piece.content), k.transpose(1, 2), 1,
                       scale_);
  return SoftmaxWeights(scores, options_.dropout)
      .bmm(v)
      .view({options_.heads, batch, piece.count, options_.head_size})
      .permute({1, 2, 0, 3})
      .reshape({batch, piece.count, options_.heads * options_.head_size});
}

at::Tensor FunnelAttention::Shifted(const Piece& piece, const at::Tensor& distances,
                                    const FunnelView& view) const {
  // Of this piece: the distances of later queries come first, and are left out.
  const int64_t count = view.step * piece.count + view.keys;
  const int64_t first = view.step * (view.queries - piece.begin - piece.count);
  const at::Tensor all =
      ops::ScaledBmm(HeadsFirst(piece.distance), distances.narrow(2, first, count), scale_);
  // Query i wants the distances from step * (pieces - i) on. Rows that are `step` shorter begin
  // there, each by itself (Dai et al., "Transformer-XL", 2019, appendix B).
  return all.view({options_.heads, -1, piece.count * count})
      .narrow(2, view.step * piece.count, piece.count * (count - view.step))
      .unflatten(2, {piece.count, count - view.step})
      .narrow(3, 0, view.keys);
}

at::Tensor FunnelAttention::Factorized(const Piece& piece, const FunnelView& view) const {
  const int64_t half = options_.hidden_size / 2;
  const at::Tensor projected = HeadsFirst(piece.distance)
                                   .bmm(distance_kernel_.permute({1, 2, 0}))
                                   .view({options_.heads, -1, piece.count, options_.hidden_size});
  const at::Tensor of_sine = projected.narrow(3, 0, half);
  const at::Tensor of_cosine = projected.narrow(3, half, half);
  const at::Tensor waves = view.waves.narrow(0, piece.begin, piece.count);
  const at::Tensor sine = waves.narrow(1, 0, half);
  const at::Tensor cosine = waves.narrow(1, half, half);
  // sin(i - j) and cos(i - j) by their sums of products, arranged by the waves of j.
  const at::Tensor with_sine = of_cosine.mul(sine).addcmul_(of_sine, cosine, -1);
  const at::Tensor with_cosine = of_sine.mul(sine).addcmul_(of_cosine, cosine);
  const at::Tensor rows = ops::Cat({with_sine, with_cosine}, -1).view({1, -1, 2 * half});
  return ops::ScaledBmm(rows, view.key_waves.t().unsqueeze(0), scale_)
      .view({options_.heads, -1, piece.count, view.keys});
}

void FunnelAttention::AddKinds(const at::Tensor& scores, const Piece& piece,
                               const FunnelView& view) const {
  const int64_t batch = piece.plain.size(0);
  // Of another kind, or of the same, for each query: [heads, B, count, 1].
  const auto kind = [&](int64_t which) {
    const at::Tensor direction = kinds_.select(0, which).unsqueeze(-1);
    return ops::AddBmm(kind_bias_.unsqueeze(1).matmul(direction), HeadsFirst(piece.plain),
                       direction, scale_, scale_)
        .view({options_.heads, batch, piece.count, 1});
  };
  // A number added to a whole row changes nothing. So scores of another kind count as 0, those
  // of the first token, which has none, the less.
  at::Tensor rest;
  if (view.same_kind.defined()) {
    const at::Tensor other = kind(0);
    const at::Tensor same = view.same_kind.narrow(1, piece.begin, piece.count).unsqueeze(0);
    scores.addcmul_(same, kind(1).sub(other));
    rest = other;
  } else if (options_.separate_cls) {
    rest = kind(1);
  }
  if (options_.separate_cls) {
    scores.narrow(3, 0, 1).copy_(rest.neg());
    if (piece.begin == 0) {
      scores.select(2, 0).zero_();
    }
  }
  if (view.additive.defined()) {
    scores.add_(view.additive.view({1, batch, 1, view.keys}));
  }
}

}  // namespace cusp::models
