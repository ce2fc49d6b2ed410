// Hourglass (Nawrot et al., 2021): layers over all tokens, over a shortened sequence, and
// over all tokens again. Embeddings and keys are BERT's, layers are normed before.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/layer_runner.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/plain_attention.h"
#include "worker/models/sequence/hourglass_resampling.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {
namespace {

using LayerStates = std::vector<std::unique_ptr<LayerState>>;

// What is kept of the tokens seen.
struct HourglassState : DecodeState {
  LayerStates pre;
  LayerStates shortened;
  LayerStates post;
  at::Tensor behind;  // [B, factor - 1, d]: the last tokens, of which the next group may be
  at::Tensor ahead;   // [B, fewer than factor, d]: what groups hold ready for the next tokens
  KvCache tokens;     // read by resampling attention
  KvCache groups;
};

// Causal layers, one after another.
class Stack {
 public:
  Stack(ParameterStore& store, const std::string& prefix, int64_t layers,
        const ResamplingOptions& options)
      : run_(store) {
    for (int64_t i = 0; i < layers; ++i) {
      const std::string layer = absl::StrCat(prefix, ".", i);
      store.ShareLayer(layer, prefix + ".0");
      attentions_.push_back(std::make_unique<PlainAttention>(store, layer + ".attention",
                                                             options.attention, options.backend));
      blocks_.emplace_back(store, layer, options.block);
    }
  }

  // With states, x [B, m, d] are the tokens that come next.
  at::Tensor operator()(at::Tensor x, const SequenceMask& mask, const LayerStates* states) {
    for (size_t i = 0; i < blocks_.size(); ++i) {
      LayerState* state = states == nullptr ? nullptr : (*states)[i].get();
      x = run_(x, [this, i, mask, state](const at::Tensor& y) {
        return blocks_[i](y, [&](const at::Tensor& normed) {
          return state == nullptr ? attentions_[i]->Forward(normed, mask)
                                  : attentions_[i]->Extend(normed, *state);
        });
      });
    }
    return x;
  }

  LayerStates NewStates() const {
    LayerStates states;
    for (const auto& attention : attentions_) {
      states.push_back(attention->NewState());
    }
    return states;
  }

  std::string KernelUsed() const { return attentions_.front()->KernelUsed(); }

 private:
  std::vector<std::unique_ptr<PlainAttention>> attentions_;
  std::vector<Block> blocks_;
  LayerRunner run_;
};

// The groups that end within `tokens` tokens, which `before` others precede.
struct Groups {
  Groups(int64_t before, int64_t tokens, int64_t factor)
      : first((before + factor - 1) / factor),
        count((before + tokens + factor - 1) / factor - first) {}

  int64_t first;
  int64_t count;
};

class HourglassModel : public TokenModel {
 public:
  HourglassModel(const Config& config, const BuildOptions& build, const ResamplingOptions& options)
      : TokenModel(config, build, {.token_types = true}),
        factor_(options.factor),
        embeddings_(store(), EmbeddingOptionsOf(config, {}, build)),
        pre_(store(), "pre", config.Int("pre_layers"), options),
        shortening_(store(), "shortening", options),
        shortened_(store(), "shortened", config.Int("shortened_layers"), options),
        upsampling_(store(), "upsampling", options),
        post_(store(), "post", config.Int("post_layers"), options),
        norm_(store(), "norm", options.block.hidden_size, options.block.layer_norm_eps) {}

  at::Tensor Forward(const Inputs& inputs) override {
    Enter(Component::kEmbedding);
    const at::Tensor ids = inputs.at("input_ids");
    SequenceMask mask =
        MakeSequenceMask(ids, FindInput(inputs, "attention_mask"), 0, build().dtype);
    mask.causal = true;
    return Run(embeddings_(ids, FindInput(inputs, "token_type_ids")), mask, nullptr);
  }

  std::unique_ptr<DecodeState> NewState() const override {
    auto state = std::make_unique<HourglassState>();
    state->pre = pre_.NewStates();
    state->shortened = shortened_.NewStates();
    state->post = post_.NewStates();
    return state;
  }

  at::Tensor Extend(const at::Tensor& input_ids, DecodeState& state) override {
    auto& mine = static_cast<HourglassState&>(state);
    Enter(Component::kEmbedding);
    const at::Tensor x = Run(embeddings_.At(input_ids, mine.length), {}, &mine);
    mine.length += input_ids.size(1);
    return x;
  }

  std::string AttentionUsed() const override { return shortened_.KernelUsed(); }

 private:
  at::Tensor Run(const at::Tensor& embedded, const SequenceMask& mask, HourglassState* state) {
    at::Tensor x = pre_(embedded, mask, state == nullptr ? nullptr : &state->pre);
    x = Waist(x, mask, state);
    x = post_(x, mask, state == nullptr ? nullptr : &state->post);
    Enter(Component::kNorm);
    return norm_(x);
  }

  // x and what the shortened sequence adds to it.
  at::Tensor Waist(const at::Tensor& x, const SequenceMask& mask, HourglassState* state) {
    const int64_t tokens = x.size(1);
    const int64_t before = state == nullptr ? 0 : state->length;
    const Groups groups(before, tokens, factor_);
    const at::Tensor members = Members(x, mask.keep, groups, state);
    const ResamplingSource source =
        shortening_.Read(x, mask.additive, state == nullptr ? nullptr : &state->tokens);
    at::Tensor lengthened = state == nullptr ? at::Tensor() : state->ahead;
    at::Tensor y;
    const SequenceMask group_mask = GroupMask(mask, groups.count);
    if (groups.count > 0) {
      y = shortening_(members, groups.first, source);
      y = shortened_(y, group_mask, state == nullptr ? nullptr : &state->shortened);
      // Tokens after a group of padding alone learn nothing of it.
      y = group_mask.keep.defined() ? y.mul(group_mask.keep.unsqueeze(2)) : y;
      const at::Tensor mine = upsampling_.Lengthen(y);
      lengthened = lengthened.defined() ? ops::Cat({lengthened, mine}, 1) : mine;
    }
    if (state != nullptr) {
      state->ahead = lengthened.narrow(1, tokens, lengthened.size(1) - tokens);
    }
    return upsampling_(
        x, lengthened.narrow(1, 0, tokens), before,
        upsampling_.Read(y, group_mask.additive, state == nullptr ? nullptr : &state->groups));
  }

  // The tokens of these groups, one group after the other: [B, count * factor, d]. What
  // stands before the first token, and padding, is zero.
  at::Tensor Members(const at::Tensor& x, const at::Tensor& keep, const Groups& groups,
                     HourglassState* state) const {
    Enter(Component::kOther);
    const at::Tensor real = keep.defined() ? x.mul(keep.unsqueeze(-1)) : x;
    if (state == nullptr) {
      const at::Tensor within = real.narrow(1, 0, (groups.count - 1) * factor_ + 1);
      return factor_ > 1 ? ops::Pad(within, {0, 0, factor_ - 1, 0}, 0) : within;
    }
    const at::Tensor joined = state->behind.defined() ? ops::Cat({state->behind, real}, 1)
                                                      : ops::Pad(real, {0, 0, factor_ - 1, 0}, 0);
    state->behind = joined.narrow(1, x.size(1), factor_ - 1);
    const int64_t begin = groups.first * factor_ - state->length;
    return joined.narrow(1, groups.count > 0 ? begin : 0, groups.count * factor_);
  }

  // A group is real where one of its tokens is.
  SequenceMask GroupMask(const SequenceMask& mask, int64_t count) const {
    SequenceMask grouped;
    if (mask.keep.defined()) {
      const at::Tensor within = mask.keep.narrow(1, 0, (count - 1) * factor_ + 1);
      const at::Tensor keep =
          ops::Pad(within, {factor_ - 1, 0}, 0).unflatten(1, {count, factor_}).any(2);
      grouped = MakeSequenceMask(keep, keep, 0, build().dtype);
    }
    grouped.causal = true;
    return grouped;
  }

  int64_t factor_;
  Embeddings embeddings_;
  Stack pre_;
  Shortening shortening_;
  Stack shortened_;
  Upsampling upsampling_;
  Stack post_;
  LayerNorm norm_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildHourglass(const Config& config,
                                                      const BuildOptions& build) {
  const AttentionShape shape = AttentionShapeOf(config, build);
  CUSP_ASSIGN_OR_RETURN(const AttentionBackend backend, ChooseBackend(shape, build));
  const ResamplingOptions options = {
      .kind = ResamplingOf(config.Text("resampling")),
      .factor = config.Int("shorten_factor"),
      .attention = shape,
      .block = {.hidden_size = shape.hidden_size,
                .attention_size = shape.inner_size(),
                .intermediate_size = config.Int("intermediate_size"),
                .activation = ActivationOf(config.Text("hidden_act")),
                .layer_norm_eps = config.Real("layer_norm_eps"),
                .dropout = build.training ? config.Real("hidden_dropout_prob") : 0},
      .backend = backend};
  return std::make_unique<HourglassModel>(config, build, options);
}

}  // namespace cusp::models
