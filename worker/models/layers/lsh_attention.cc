#include "worker/models/layers/lsh_attention.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <numeric>

#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/chunk_neighbours.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/taken_rows.h"

namespace cusp::models {
namespace {

constexpr double kNormEpsilon = 1e-6;

// Score of a token with itself: below any other, above those that are masked. The reference's,
// since it decides what a round counts in which a token meets nobody.
double SelfScore(at::ScalarType dtype) { return dtype == at::kHalf ? -1e3 : -1e5; }

// Whether a token may be in several of the chunks that it sees, of which a round has `chunks`.
bool SeesItselfTwice(const ChunkReach& reach, int64_t chunks, int64_t rounds) {
  return rounds > 1 || std::max(reach.before, reach.after) >= chunks;
}

// x over its length, whose mean square is raised a little, and the root of its size.
at::Tensor Directions(const at::Tensor& x) {
  const double raised = kNormEpsilon * static_cast<double>(x.size(-1));
  return x.mul(ops::Norm(x).square().add(raised).rsqrt().to(x.scalar_type()));
}

// The bucket of each token within one factor: which of the directions `along` [.., pairs] and
// their opposites is nearest.
at::Tensor NearestDirection(const at::Tensor& along) {
  const auto [high, highest] = along.max(-1);
  const auto [low, lowest] = along.min(-1);
  return ops::Where(high.ge(low.neg()), highest, lowest.add(along.size(-1)));
}

}  // namespace

LshAttention::LshAttention(ParameterStore& store, const std::string& prefix,
                           const LshOptions& options)
    : options_(options),
      query_key_(store, prefix + ".query_key", options.attention.shape.hidden_size,
                 options.attention.shape.inner_size(), {.bias = false}),
      value_(store, prefix + ".value", options.attention.shape.hidden_size,
             options.attention.shape.inner_size(), {.bias = false}) {}

at::Tensor LshAttention::operator()(const at::Tensor& x, const SequenceMask& mask,
                                    at::Tensor& order) {
  Enter(Component::kProjection);
  const at::Tensor qk = query_key_(x);
  const at::Tensor v = value_(x);
  Enter(Component::kMixing);
  if (x.size(1) <= options_.attention.reach.chunk) {
    return Whole(qk, v, mask);
  }
  if (!order.defined()) {
    order = Order(qk.detach(), mask);
  }
  return Sorted(qk, v, order, mask);
}

at::Tensor LshAttention::Whole(const at::Tensor& qk, const at::Tensor& v,
                               const SequenceMask& mask) const {
  const int64_t heads = options_.attention.shape.heads;
  const at::Tensor order =
      ops::Arange(qk.size(1), qk.device()).expand({qk.size(0), heads, 1, qk.size(1)}).contiguous();
  return MergeHeads(Attend(SplitHeads(qk, heads), SplitHeads(v, heads), order, mask).values);
}

at::Tensor LshAttention::Sorted(const at::Tensor& qk, const at::Tensor& v, const at::Tensor& order,
                                const SequenceMask& mask) const {
  const int64_t batch = order.size(0);
  const int64_t heads = order.size(1);
  const int64_t rounds = order.size(2);
  const int64_t length = order.size(3);
  const int64_t size = options_.attention.shape.head_size;
  // Rows of qk and v are [B, n, heads], as the projections leave them; each is there once for
  // each round.
  const auto axis = [&](int64_t count, int64_t step, at::IntArrayRef sizes) {
    return ops::Arange(count, order.device()).mul_(step).view(sizes);
  };
  const at::Tensor sorted = order.mul(heads * rounds)
                                .add_(axis(batch, length * heads * rounds, {batch, 1, 1, 1}))
                                .add_(axis(heads, rounds, {heads, 1, 1}))
                                .add_(axis(rounds, 1, {rounds, 1}))
                                .view({-1});
  const at::Tensor places = InversePermutation(sorted);
  const at::Tensor rows = rounds > 1 ? sorted.floor_divide(rounds) : sorted;
  const auto sort = [&](const at::Tensor& x) {
    return TakeRows(x.view({-1, size}), rows, places).view({batch, heads, rounds * length, size});
  };
  const auto unsort = [&](const at::Tensor& x) {
    return TakeRows(x.view({batch * heads * rounds * length, -1}), places, sorted)
        .view({batch, length, heads, rounds, -1});
  };
  const Attended attended = Attend(sort(qk), sort(v), order, mask);
  at::Tensor output = unsort(attended.values);
  if (attended.strength.defined()) {
    const at::Tensor strength = unsort(attended.strength);
    const at::Tensor weights = strength.sub(strength.logsumexp({3}, /*keepdim=*/true))
                                   .exp_()
                                   .mul(unsort(attended.sum))
                                   .to(output.scalar_type());
    output = output.mul(weights).sum(3);
  }
  return output.view({batch, length, heads * size});
}

LshAttention::Attended LshAttention::Attend(const at::Tensor& q, const at::Tensor& v,
                                            const at::Tensor& order,
                                            const SequenceMask& mask) const {
  const ChunkReach reach = options_.attention.reach.Of(order.size(3));
  const int64_t chunks = q.size(2) / reach.chunk;
  const at::Tensor ring = RingOfChunks(chunks, reach.before, reach.after, q.device());
  const at::Tensor scores =
      q.reshape({-1, reach.chunk, q.size(3)})
          .bmm(GatherChunks(Directions(q), reach.chunk, ring).transpose(1, 2));
  Mask(scores, order, ring.view({-1}), mask);
  const at::Tensor weights = scores.softmax(-1);
  Attended attended;
  if (SeesItselfTwice(reach, chunks / order.size(2), order.size(2))) {
    // Eight bits would not tell apart how strong rounds are.
    const auto wide = scores.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    const at::Tensor most = scores.amax(-1).to(wide);
    const at::Tensor greatest = weights.amax(-1).to(wide);
    // The greatest weight is exp(most - strength).
    attended.strength = most.sub(greatest.log());
    attended.sum = most.detach().sub(attended.strength.detach()).exp_().div_(greatest.detach());
  }
  const double dropout = options_.attention.shape.dropout;
  attended.values = (dropout > 0 ? ops::Dropout(weights, dropout) : weights)
                        .bmm(GatherChunks(v, reach.chunk, ring))
                        .view(q.sizes());
  return attended;
}

void LshAttention::Mask(const at::Tensor& scores, const at::Tensor& order, const at::Tensor& ring,
                        const SequenceMask& mask) const {
  const int64_t batch = order.size(0);
  const int64_t heads = order.size(1);
  const int64_t rounds = order.size(2);
  const ChunkReach reach = options_.attention.reach.Of(order.size(3));
  const int64_t chunks = order.size(3) / reach.chunk;  // of a round
  // What each chunk sees of `x` [B, heads, rounds, n], as its keys.
  const auto seen = [&](const at::Tensor& x) {
    return x.view({batch, heads, rounds * chunks, reach.chunk})
        .index_select(2, ring)
        .view({batch, heads, rounds, chunks, 1, reach.keys()});
  };
  const at::Tensor by_chunk =
      scores.view({batch, heads, rounds, chunks, reach.chunk, reach.keys()});
  const at::Tensor queries = order.view({batch, heads, rounds, chunks, reach.chunk, 1});
  const double masked = MaskValue(scores.scalar_type());
  const double self = SelfScore(scores.scalar_type());
  if (options_.attention.causal) {
    by_chunk.masked_fill_(queries.lt(seen(order)), masked);
  }
  if (mask.keep.defined()) {
    const at::Tensor hidden =
        mask.keep.logical_not().view({batch, 1, 1, -1}).expand(order.sizes()).gather(3, order);
    by_chunk.masked_fill_(seen(hidden), masked);
  }
  by_chunk.narrow(5, reach.before * reach.chunk, reach.chunk).diagonal(0, 4, 5).fill_(self);
  // Chunks at a round's ends see those of other rounds, and with them themselves once more.
  if (!SeesItselfTwice(reach, chunks, rounds)) {
    return;
  }
  const at::Tensor keys = seen(order);
  const auto hide = [&](int64_t begin, int64_t count) {
    by_chunk.narrow(3, begin, count)
        .masked_fill_(queries.narrow(3, begin, count).eq(keys.narrow(3, begin, count)), self);
  };
  const int64_t first = std::min(reach.before, chunks);
  const int64_t last = std::min(reach.after, chunks);
  hide(0, first);
  hide(chunks - last, last);
}

at::Tensor LshAttention::Order(const at::Tensor& qk, const SequenceMask& mask) {
  const int64_t rounds = options_.rounds;
  const std::vector<int64_t> factors = options_.buckets(qk.size(1));
  const int64_t pairs = std::accumulate(factors.begin(), factors.end(), int64_t{0}) / 2;
  const at::Tensor along = SplitHeads(qk, options_.attention.shape.heads)
                               .matmul(Rotations(pairs, qk))
                               .unflatten(3, {rounds, pairs});
  at::Tensor buckets;
  int64_t begin = 0;
  int64_t product = 1;
  for (const int64_t factor : factors) {
    const at::Tensor found = NearestDirection(along.narrow(4, begin, factor / 2));
    buckets = buckets.defined() ? buckets.add_(found, product) : found;
    begin += factor / 2;
    product *= factor;
  }
  if (mask.keep.defined()) {
    // Behind all others.
    buckets.masked_fill_(mask.keep.logical_not().view({qk.size(0), 1, -1, 1}), product);
  }
  return buckets.to(at::kInt).transpose(2, 3).contiguous().argsort(/*stable=*/true, 3,
                                                                   /*descending=*/false);
}

const at::Tensor& LshAttention::Rotations(int64_t pairs, const at::Tensor& like) {
  const AttentionShape& shape = options_.attention.shape;
  if (!rotations_.defined() || rotations_.size(2) != options_.rounds * pairs) {
    // Kept beyond this pass, and a later one may record gradients.
    const c10::InferenceMode guard(false);
    rotations_ =
        ops::Empty({shape.heads, shape.head_size, options_.rounds, pairs}, at::kFloat, at::kCPU)
            .normal_(0, 1, ops::CpuGenerator(options_.seed))
            .to(like.options())
            .flatten(2);
  }
  return rotations_;
}

}  // namespace cusp::models
