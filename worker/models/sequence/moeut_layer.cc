#include "worker/models/sequence/moeut_layer.h"

#include <vector>

#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

// Gates in the order of `rows`, as a column.
at::Tensor GatesOf(const ExpertChoice& choice, const ExpertRows& rows) {
  return choice.gates.flatten().index_select(0, rows.order).unsqueeze(1);
}

// Every row times its gate; `rows` is spent.
at::Tensor Gated(at::Tensor rows, const at::Tensor& gates) {
  return ops::GradientsOn() ? rows.mul(gates) : rows.mul_(gates);
}

}  // namespace

ExpertFeedForward::ExpertFeedForward(ParameterStore& store, const std::string& prefix,
                                     const MoeutLayerOptions& options)
    : experts_(options.experts),
      chosen_(options.chosen),
      activation_(options.activation),
      keys_(store.Normal(prefix + ".keys",
                         {options.experts, options.hidden_size, options.expert_size})),
      values_(store.Normal(prefix + ".values",
                           {options.experts, options.expert_size, options.hidden_size})),
      selection_(store.Normal(prefix + ".expert_sel", {options.experts, options.hidden_size})) {}

at::Tensor ExpertFeedForward::operator()(const at::Tensor& x, const at::Tensor& normed) const {
  Enter(Component::kFeedForward);
  const ExpertChoice choice = ChooseExperts(ops::Linear(normed, selection_, {}), chosen_);
  const ExpertRows rows = GroupByExpert(choice.experts.view({1, -1}), experts_).front();
  const at::Tensor tokens = rows.order.floor_divide(chosen_);
  const at::Tensor inner = Activate(activation_, ToExperts(x, tokens, keys_, rows.counts));
  // Gated where the features are fewest.
  return FromExperts(Gated(inner, GatesOf(choice, rows)), tokens, x.size(0) * x.size(1), values_,
                     rows.counts)
      .view(x.sizes());
}

SwitchHead::SwitchHead(ParameterStore& store, const std::string& prefix,
                       const MoeutLayerOptions& options)
    : heads_(options.heads),
      experts_(options.attention_experts),
      chosen_(options.attention_chosen),
      query_(store, prefix + ".q", options.hidden_size, heads_ * options.head_size,
             {.bias = false}),
      key_(store, prefix + ".k", options.hidden_size, heads_ * options.head_size, {.bias = false}),
      value_(
          store.Normal(prefix + ".v", {heads_ * experts_, options.hidden_size, options.head_size})),
      output_(
          store.Normal(prefix + ".o", {heads_ * experts_, options.head_size, options.hidden_size})),
      value_selection_(store.Normal(prefix + ".sel_v", {heads_ * experts_, options.hidden_size})),
      output_selection_(store.Normal(prefix + ".sel_o", {heads_ * experts_, options.hidden_size})),
      core_(options.backend, options.dropout) {}

ExpertChoice SwitchHead::Choose(const at::Tensor& normed, const at::Tensor& selection) const {
  const at::Tensor scores = ops::Linear(normed, selection, {});
  ExpertChoice choice =
      ChooseExperts(scores.view({scores.size(0), scores.size(1), heads_, experts_}), chosen_);
  const at::Tensor first = ops::Arange(heads_, normed.device()).mul_(experts_).unsqueeze(1);
  choice.experts = choice.experts.add(first);
  return choice;
}

at::Tensor SwitchHead::operator()(const at::Tensor& x, const at::Tensor& normed,
                                  const DecoderSpan& span, KvCache* cache) {
  Enter(Component::kProjection);
  const at::Tensor q = Turned(query_(normed), span.rotary);
  at::Tensor k = Turned(key_(normed), span.rotary);
  const ExpertChoice in = Choose(normed, value_selection_);
  const ExpertChoice out = Choose(normed, output_selection_);
  const std::vector<ExpertRows> rows = GroupByExpert(
      ops::Cat({in.experts.view({1, -1}), out.experts.view({1, -1})}, 0), heads_ * experts_);
  at::Tensor v = Values(x, in, rows[0]);
  Enter(Component::kMixing);
  if (cache != nullptr) {
    cache->Append(k, v);
    k = cache->keys();
    v = cache->values();
  }
  const at::Tensor mixed = core_(q, k, v, span.additive, span.causal);
  Enter(Component::kProjection);
  return Output(mixed, out, rows[1]);
}

at::Tensor SwitchHead::Turned(const at::Tensor& x, const RotaryTables& rotary) const {
  return Rotate(x.view({x.size(0), x.size(1), heads_, -1}), rotary).transpose(1, 2);
}

// A row stands for one choice of a token's head: order / k is that head, order / (h k) the
// token.
at::Tensor SwitchHead::Values(const at::Tensor& x, const ExpertChoice& choice,
                              const ExpertRows& rows) const {
  const at::Tensor of_rows =
      Gated(ToExperts(x, rows.order.floor_divide(heads_ * chosen_), value_, rows.counts),
            GatesOf(choice, rows));
  return ops::Full({x.size(0) * x.size(1) * heads_, of_rows.size(1)}, 0, x.scalar_type(),
                   x.device())
      .index_add_(0, rows.order.floor_divide(chosen_), of_rows)
      .view({x.size(0), x.size(1), heads_, -1})
      .transpose(1, 2);
}

at::Tensor SwitchHead::Output(const at::Tensor& mixed, const ExpertChoice& choice,
                              const ExpertRows& rows) const {
  const int64_t tokens = mixed.size(0) * mixed.size(1);
  const at::Tensor of_rows =
      mixed.reshape({tokens * heads_, -1}).index_select(0, rows.order.floor_divide(chosen_));
  return FromExperts(Gated(of_rows, GatesOf(choice, rows)),
                     rows.order.floor_divide(heads_ * chosen_), tokens, output_, rows.counts)
      .view({mixed.size(0), mixed.size(1), -1});
}

MoeutLayer::MoeutLayer(ParameterStore& store, const std::string& prefix,
                       const MoeutLayerOptions& options)
    : attention_(store, prefix + ".attention", options),
      feed_forward_(store, prefix + ".ffn", options),
      attention_norm_(store, prefix + ".ln1", options.hidden_size, options.layer_norm_eps),
      feed_forward_norm_(store, prefix + ".ln2", options.hidden_size, options.layer_norm_eps) {}

at::Tensor MoeutLayer::operator()(const at::Tensor& x, const DecoderSpan& span, KvCache* cache) {
  Enter(Component::kNorm);
  // In place: no gradient needs the sum's first term.
  const at::Tensor middle = attention_(x, attention_norm_(x), span, cache).add_(x);
  Enter(Component::kNorm);
  return feed_forward_(middle, feed_forward_norm_(middle)).add_(middle);
}

}  // namespace cusp::models
