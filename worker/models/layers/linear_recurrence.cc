#include "worker/models/layers/linear_recurrence.h"

#include <algorithm>
#include <vector>

#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

// Largest |exponent| of a factor that takes decay to or from the middle of a chunk.
double LargestExponent(at::ScalarType dtype) {
  switch (dtype) {
    case at::kDouble:
      return 300;
    case at::kHalf:
      return 9;
    default:
      return 80;
  }
}

// How tokens are cut: evenly, so that hardly any are added to fill the last chunk.
struct Chunks {
  Chunks(int64_t tokens, int64_t most)
      : count((tokens + most - 1) / most),
        size((tokens + count - 1) / count),
        padding(count * size - tokens) {}

  int64_t count;
  int64_t size;
  int64_t padding;
};

// x [B, h, n or 1, d] as [B, h, chunks or 1, size, d].
at::Tensor InChunks(const at::Tensor& x, const Chunks& chunks) {
  if (x.size(2) == 1 && chunks.count * chunks.size > 1) {
    return x.unsqueeze(2).expand({x.size(0), x.size(1), 1, chunks.size, x.size(3)});
  }
  const at::Tensor padded = chunks.padding > 0 ? ops::Pad(x, {0, 0, 0, chunks.padding}, 0) : x;
  return padded.reshape({x.size(0), x.size(1), chunks.count, chunks.size, x.size(3)});
}

// The recurrence over a whole sequence, cut into chunks.
class ChunkedPass {
 public:
  ChunkedPass(const RecurrenceTerms& terms, int64_t chunk)
      : chunks_(terms.q.size(2), chunk),
        tokens_(terms.q.size(2)),
        q_(InChunks(terms.q, chunks_)),
        k_(InChunks(terms.k, chunks_)),
        v_(InChunks(terms.v, chunks_)) {
    if (terms.log_decay.defined()) {
      TakeDecay(terms.log_decay);
    }
  }

  // `state`: S before the first token, undefined for none; replaced by S after the last
  // where `keep_state`.
  at::Tensor Run(at::Tensor& state, bool keep_state) {
    at::Tensor output = WithinChunks();
    if (chunks_.count > 1 || state.defined() || keep_state) {
      const at::Tensor states = States(state, keep_state);
      const at::Tensor from_middle = to_middle_.defined() ? states.mul(to_middle_) : states;
      output = ops::AddBmm(output, Flat(q_), Flat(from_middle), 1, 1);
    }
    output = output.view({q_.size(0), q_.size(1), chunks_.count * chunks_.size, v_.size(4)});
    return chunks_.padding > 0 ? output.narrow(2, 0, tokens_) : output;
  }

 private:
  static at::Tensor Flat(const at::Tensor& x) { return x.reshape({-1, x.size(3), x.size(4)}); }

  // Scales queries and keys so that their products within a chunk hold the decay between
  // them.
  void TakeDecay(const at::Tensor& log_decay) {
    const at::ScalarType dtype = q_.scalar_type();
    const double largest = LargestExponent(dtype);
    // Sums of many small terms: not in half a float's precision.
    const at::Tensor exact = dtype == at::kDouble ? log_decay : log_decay.to(at::kFloat);
    const double least = -2 * largest / static_cast<double>(chunks_.size);
    const at::Tensor sums = InChunks(exact.clamp_min(least), chunks_).cumsum(3);
    const at::Tensor middle = sums.narrow(3, chunks_.size / 2, 1);
    const at::Tensor distance = sums.sub(middle);
    q_ = q_.mul(distance.exp().to(dtype));
    k_ = k_.mul(distance.neg().exp().to(dtype));
    const at::Tensor whole = sums.narrow(3, chunks_.size - 1, 1);
    to_middle_ = middle.exp().to(dtype).transpose(3, 4);
    from_middle_ = whole.sub(middle).exp().to(dtype).transpose(3, 4);
    through_ = whole.exp().to(dtype).transpose(3, 4);
  }

  at::Tensor WithinChunks() const {
    at::Tensor scores = Flat(q_).bmm(Flat(k_).transpose(1, 2));
    if (to_middle_.defined()) {
      // Not triu: a later key's factor may have overflown, and 0 times that is no number.
      const at::Tensor place = ops::Arange(chunks_.size, scores.device());
      scores.masked_fill_(place.gt(place.unsqueeze(1)), 0);
    } else {
      scores.tril_();
    }
    return scores.bmm(Flat(v_));
  }

  // S before each chunk: [B, h, chunks, d_k, d_v].
  at::Tensor States(at::Tensor& state, bool keep_state) const {
    const int64_t batch = q_.size(0);
    const int64_t heads = q_.size(1);
    at::Tensor added = Flat(k_).transpose(1, 2).bmm(Flat(v_)).view(
        {batch, heads, chunks_.count, k_.size(4), v_.size(4)});
    if (from_middle_.defined()) {
      added = added.mul(from_middle_);
    }
    at::Tensor sum = state.defined() ? state
                                     : ops::Full({batch, heads, k_.size(4), v_.size(4)}, 0,
                                                 q_.scalar_type(), q_.device());
    std::vector<at::Tensor> states;
    for (int64_t i = 0; i < chunks_.count; ++i) {
      states.push_back(sum.unsqueeze(2));
      if (i + 1 < chunks_.count || keep_state) {
        const at::Tensor mine = added.select(2, i);
        sum = through_.defined() ? mine.addcmul(sum, Through(i)) : mine.add(sum);
      }
    }
    if (keep_state) {
      state = sum;
    }
    return ops::Cat(states, 2);
  }

  at::Tensor Through(int64_t i) const { return through_.select(2, through_.size(2) == 1 ? 0 : i); }

  Chunks chunks_;
  int64_t tokens_;
  // [B, h, chunks, size, d]
  at::Tensor q_;
  at::Tensor k_;
  at::Tensor v_;
  // Decay from a chunk's beginning to its middle, from there to its end, and through it
  // all: [B or 1, h, chunks or 1, d_k or 1, 1]. Undefined: none.
  at::Tensor to_middle_;
  at::Tensor from_middle_;
  at::Tensor through_;
};

// One token: the recurrence as it is written.
at::Tensor Step(const RecurrenceTerms& terms, at::Tensor& state) {
  const at::Tensor added = terms.k.transpose(2, 3).mul(terms.v);
  if (!state.defined()) {
    state = added;
  } else if (terms.log_decay.defined()) {
    state = added.addcmul(state, terms.log_decay.exp().to(added.scalar_type()).transpose(2, 3));
  } else {
    state = added.add(state);
  }
  return terms.q.matmul(state);
}

}  // namespace

at::Tensor LinearRecurrence(const RecurrenceTerms& terms, int64_t chunk) {
  at::Tensor nothing;
  return ChunkedPass(terms, chunk).Run(nothing, /*keep_state=*/false);
}

at::Tensor ExtendRecurrence(const RecurrenceTerms& terms, int64_t chunk, RecurrentState& state) {
  const int64_t tokens = terms.q.size(2);
  state.length += tokens;
  return tokens == 1 ? Step(terms, state.sums)
                     : ChunkedPass(terms, chunk).Run(state.sums, /*keep_state=*/true);
}

}  // namespace cusp::models
