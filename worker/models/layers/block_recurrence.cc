#include "worker/models/layers/block_recurrence.h"

#include <algorithm>
#include <vector>

#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {
namespace {

// 0, or MaskValue where `hidden`; undefined where that is.
at::Tensor Additive(const at::Tensor& hidden, const at::Tensor& like) {
  if (!hidden.defined()) {
    return hidden;
  }
  return ops::Full(hidden.sizes(), 0, like.scalar_type(), like.device())
      .masked_fill_(hidden, MaskValue(like.scalar_type()));
}

}  // namespace

BlockRecurrence::BlockRecurrence(ParameterStore& store, const std::string& prefix,
                                 const BlockRecurrenceOptions& options)
    : shape_(options.attention),
      block_(options.block),
      token_query_(store, prefix + ".token_query", shape_.hidden_size, shape_.inner_size(),
                   shape_.linear),
      initial_state_(store.Normal(prefix + ".initial_state", {options.states, shape_.hidden_size})),
      state_ids_(store.Normal(prefix + ".state_ids", {options.states, shape_.hidden_size})),
      norm_(store, prefix + ".norm", shape_.hidden_size, options.layer_norm_eps),
      query_(store, prefix + ".query", shape_.hidden_size, shape_.inner_size(), shape_.linear),
      key_(store, prefix + ".key", shape_.hidden_size, shape_.inner_size(), shape_.linear),
      value_(store, prefix + ".value", shape_.hidden_size, shape_.inner_size(), shape_.linear),
      block_query_(store, prefix + ".block_query", shape_.hidden_size, shape_.inner_size(),
                   shape_.linear),
      output_(store, prefix + ".output", 2 * shape_.inner_size(), shape_.hidden_size),
      gate_(store.Normal(prefix + ".gate", {shape_.hidden_size})),
      token_core_(options.backend, shape_.dropout),
      state_core_(options.backend, shape_.dropout) {}

at::Tensor BlockRecurrence::operator()(const RecurrenceTokens& tokens, StateVectors& state) {
  Enter(Component::kProjection);
  const at::Tensor q = Heads(token_query_(tokens.x));
  const int64_t count = q.size(2);
  if (!state.vectors.defined()) {
    state = Made(initial_state_.expand({q.size(0), initial_state_.size(0), -1}));
  }
  std::vector<at::Tensor> outputs;
  for (int64_t at = 0; at < count;) {
    const int64_t size = std::min(block_ - (tokens.before + at) % block_, count - at);
    Enter(Component::kMixing);
    outputs.push_back(token_core_(q.narrow(2, at, size), state.keys, state.values, {}));
    at += size;
    const bool complete = (tokens.before + at) % block_ == 0;
    if (complete && (at < count || tokens.continues)) {
      state = Next(state, tokens, at);
    }
  }
  Enter(Component::kMixing);
  return outputs.size() == 1 ? outputs.front() : ops::Cat(outputs, 1);
}

StateVectors BlockRecurrence::Made(const at::Tensor& vectors) const {
  Enter(Component::kNorm);
  const at::Tensor normed = norm_(vectors).add(state_ids_);
  Enter(Component::kProjection);
  return {vectors, normed, Heads(key_(normed)), Heads(value_(normed))};
}

StateVectors BlockRecurrence::Next(const StateVectors& state, const RecurrenceTokens& tokens,
                                   int64_t end) {
  const int64_t begin = tokens.keys.size(2) - tokens.x.size(1) + end - block_;
  Enter(Component::kProjection);
  const at::Tensor q = Heads(query_(state.normed));
  const at::Tensor block_q = Heads(block_query_(state.normed));
  Enter(Component::kMixing);
  at::Tensor hidden;
  if (tokens.keep.defined()) {
    hidden = tokens.keep.narrow(1, begin, block_).logical_not().view({-1, 1, 1, block_});
  }
  const at::Tensor own = state_core_(q, state.keys, state.values, {});
  const at::Tensor read = state_core_(block_q, tokens.keys.narrow(2, begin, block_),
                                      tokens.values.narrow(2, begin, block_), Additive(hidden, q));
  Enter(Component::kProjection);
  const at::Tensor candidate = output_(ops::Cat({own, read}, 2));
  Enter(Component::kOther);
  const at::Tensor next = candidate.lerp(state.vectors, gate_.sigmoid());
  // A block of padding alone says nothing.
  return Made(hidden.defined()
                  ? ops::Where(hidden.view({-1, 1, block_}).all(2, true), state.vectors, next)
                  : next);
}

}  // namespace cusp::models
