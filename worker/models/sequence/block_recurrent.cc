// Block-Recurrent Transformer (Hutchins et al., 2022): causal attention within a sliding
// window, and in one layer to state vectors that have read all blocks before.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "catalog/sequence/decoder.h"
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/block.h"
#include "worker/models/layers/block_recurrence.h"
#include "worker/models/layers/causal_window.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/kv_cache.h"
#include "worker/models/layers/layer_runner.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/query_key_value.h"
#include "worker/models/layers/relative_bias.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {
namespace {

// What is alike in all layers of one pass.
struct Span {
  at::Tensor additive = {};  // biases and masks, for AttentionCore, or for CausalWindow
  at::Tensor keep = {};      // [B, n] bool or undefined
  int64_t before = 0;        // tokens that precede these
};

// What a layer keeps of the tokens seen.
struct LayerMemory {
  KvCache tokens;
  StateVectors state;
};

struct LayerOptions {
  BlockRecurrenceOptions recurrence = {};
  BlockOptions block = {};
};

class Layer {
 public:
  Layer(ParameterStore& store, const std::string& prefix, const LayerOptions& options,
        bool recurrent)
      : window_(WindowOf(options.recurrence.block)),
        qkv_(store, prefix + ".attention", options.recurrence.attention),
        core_(options.recurrence.backend, options.recurrence.attention.dropout),
        block_(store, prefix, WithState(options.block, recurrent)) {
    if (recurrent) {
      recurrence_.emplace(store, prefix + ".recurrence", options.recurrence);
    }
  }

  static CausalWindow WindowOf(int64_t window) {
    return CausalWindow(window, catalog::WindowBlock(window));
  }

  at::Tensor operator()(const at::Tensor& x, const Span& span, LayerMemory* memory) {
    return block_(x, [&](const at::Tensor& normed) { return Attend(normed, span, memory); });
  }

  std::string KernelUsed() const { return core_.KernelUsed(); }

 private:
  // What tokens take from one another and what they take from the state lie side by side.
  static BlockOptions WithState(BlockOptions options, bool recurrent) {
    options.attention_size *= recurrent ? 2 : 1;
    return options;
  }

  at::Tensor Attend(const at::Tensor& x, const Span& span, LayerMemory* memory) {
    Projections tokens = qkv_.InHeads(x);
    Enter(Component::kMixing);
    if (memory != nullptr) {
      memory->tokens.Append(tokens.k, tokens.v);
      tokens.k = memory->tokens.keys();
      tokens.v = memory->tokens.values();
    }
    const auto& [q, k, v] = tokens;
    const at::Tensor mixed = window_.Cuts(k.size(2)) ? window_(core_, q, k, v, span.additive)
                                                     : core_(q, k, v, span.additive);
    if (!recurrence_.has_value()) {
      return mixed;
    }
    StateVectors initial;
    const at::Tensor read = (*recurrence_)({.x = x,
                                            .keys = k,
                                            .values = v,
                                            .keep = span.keep,
                                            .before = span.before,
                                            .continues = memory != nullptr},
                                           memory == nullptr ? initial : memory->state);
    return ops::Cat({mixed, read}, 2);
  }

  CausalWindow window_;
  QueryKeyValue qkv_;
  AttentionCore core_;
  Block block_;
  std::optional<BlockRecurrence> recurrence_;
};

struct State : DecodeState {
  std::vector<LayerMemory> layers;
};

class BlockRecurrentModel : public TokenModel {
 public:
  BlockRecurrentModel(const Config& config, const BuildOptions& build, const LayerOptions& options)
      : TokenModel(config, build, {}),
        window_(Layer::WindowOf(options.recurrence.block)),
        words_(store().Normal("embed_tokens.weight",
                              {config.Int("vocab_size"), options.block.hidden_size},
                              config.Int("pad_token_id"))),
        bias_(store(), "positions",
              {.heads = options.recurrence.attention.heads,
               .buckets = config.Int("relative_attention_num_buckets"),
               .max_distance = config.Int("relative_attention_max_distance"),
               .bidirectional = false}),
        layers_([&] {
          std::vector<Layer> layers;
          const int64_t recurrent = config.Int("recurrent_layer");
          for (int64_t i = 0; i < config.Int("num_hidden_layers"); ++i) {
            const std::string prefix = absl::StrCat("layers.", i);
            if (i != recurrent) {  // which is like no other
              store().ShareLayer(prefix, recurrent == 0 ? "layers.1" : "layers.0");
            }
            layers.emplace_back(store(), prefix, options, i == recurrent);
          }
          return layers;
        }()),
        norm_(store(), "norm", options.block.hidden_size, options.block.layer_norm_eps),
        run_(store()) {}

  at::Tensor Forward(const Inputs& inputs) override {
    const at::Tensor& ids = inputs.at("input_ids");
    return Run(ids, SpanOf(ids, FindInput(inputs, "attention_mask"), 0, 0), nullptr);
  }

  std::unique_ptr<DecodeState> NewState() const override {
    auto state = std::make_unique<State>();
    state->layers.assign(layers_.size(),
                         LayerMemory{.tokens = KvCache(window_.window()), .state = {}});
    return state;
  }

  at::Tensor Extend(const at::Tensor& input_ids, DecodeState& state) override {
    auto& mine = static_cast<State&>(state);
    const int64_t kept = mine.layers.front().tokens.kept();
    const at::Tensor x = Run(input_ids, SpanOf(input_ids, {}, mine.length, kept), &mine);
    mine.length += input_ids.size(1);
    return x;
  }

  std::string AttentionUsed() const override { return layers_.front().KernelUsed(); }

 private:
  // Of tokens that `before` others precede, of which the caches hold `kept`.
  Span SpanOf(const at::Tensor& ids, const at::Tensor& attention_mask, int64_t before,
              int64_t kept) const {
    Enter(Component::kMixing);
    const int64_t length = ids.size(1);
    const SequenceMask mask = MakeSequenceMask(ids, attention_mask, 0, build().dtype);
    if (!window_.Cuts(kept + length)) {
      at::Tensor sum = bias_(length, kept);
      sum = mask.additive.defined() ? sum.add(mask.additive) : sum;
      if (length > 1) {
        sum = sum.add(CausalMask(length, kept + length, build().dtype, build().device));
      }
      return {sum, mask.keep, before};
    }
    // A block of queries and the window before it lie as queries after `window` others do.
    const at::Tensor hidden = window_.Mask(length, kept, ids.size(0), mask.keep, words_.options());
    return {hidden.add(bias_(hidden.size(2), window_.window())), mask.keep, before};
  }

  at::Tensor Run(const at::Tensor& ids, const Span& span, State* state) {
    Enter(Component::kEmbedding);
    at::Tensor x = ops::Embedding(words_, ids);
    for (size_t i = 0; i < layers_.size(); ++i) {
      LayerMemory* memory = state == nullptr ? nullptr : &state->layers[i];
      x = run_({x, span.additive}, [this, i, span, memory](const std::vector<at::Tensor>& inputs) {
        Span own = span;
        own.additive = inputs[1];
        return layers_[i](inputs[0], own, memory);
      });
    }
    Enter(Component::kNorm);
    return norm_(x);
  }

  CausalWindow window_;
  at::Tensor words_;
  RelativeBias bias_;
  std::vector<Layer> layers_;
  LayerNorm norm_;
  LayerRunner run_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildBlockRecurrent(const Config& config,
                                                           const BuildOptions& build) {
  AttentionShape shape = AttentionShapeOf(config, build);
  shape.linear = {.bias = false};
  CUSP_ASSIGN_OR_RETURN(const AttentionBackend backend, ChooseBackend(shape, build));
  const double eps = config.Real("layer_norm_eps");
  const LayerOptions options = {
      .recurrence = {.attention = shape,
                     .block = config.Int("window"),
                     .states = config.Int("state_vectors"),
                     .layer_norm_eps = eps,
                     .backend = backend},
      .block = {.hidden_size = shape.hidden_size,
                .attention_size = shape.inner_size(),
                .intermediate_size = config.Int("intermediate_size"),
                .activation = ActivationOf(config.Text("hidden_act")),
                .layer_norm_eps = eps,
                .dropout = build.training ? config.Real("hidden_dropout_prob") : 0}};
  return std::make_unique<BlockRecurrentModel>(config, build, options);
}

}  // namespace cusp::models
