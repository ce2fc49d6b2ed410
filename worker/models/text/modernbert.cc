// ModernBERT (Warner et al., 2024): pre-norm layers with rotary positions and gated
// feed-forward parts, most of which look at a window alone.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "catalog/text/encoder.h"
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/gated_feed_forward.h"
#include "worker/models/layers/layer_runner.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/rotary.h"
#include "worker/models/layers/sliding_window.h"
#include "worker/models/text/token_model.h"

namespace cusp::models {
namespace {

struct AttentionOptions {
  AttentionShape shape;
  AttentionBackend backend = AttentionBackend::kEager;
  int64_t reach = 0;  // how far a token looks to each side; 0: to all
};

at::Tensor Dropped(const at::Tensor& x, double dropout) {
  return dropout > 0 ? ops::Dropout(x, dropout) : x;
}

// A norm over the features that has a bias only where asked for. Registers PREFIX.weight
// and PREFIX.bias.
class Norm {
 public:
  Norm(ParameterStore& store, const std::string& prefix, int64_t size, double eps, bool bias)
      : weight_(store.Constant(prefix + ".weight", {size}, 1)),
        bias_(bias ? store.Constant(prefix + ".bias", {size}, 0) : at::Tensor()),
        eps_(eps) {}

  at::Tensor operator()(const at::Tensor& x) const {
    Enter(Component::kNorm);
    return ops::LayerNorm(x, weight_, bias_, eps_);
  }

 private:
  at::Tensor weight_;
  at::Tensor bias_;
  double eps_;
};

// Registers PREFIX.Wqkv and PREFIX.Wo.
class RotaryAttention {
 public:
  RotaryAttention(ParameterStore& store, const std::string& prefix, const AttentionOptions& options)
      : heads_(options.shape.heads),
        dropout_(options.shape.dropout),
        qkv_(store, prefix + ".Wqkv", options.shape.hidden_size, 3 * options.shape.inner_size(),
             options.shape.linear),
        output_(store, prefix + ".Wo", options.shape.inner_size(), options.shape.hidden_size,
                options.shape.linear),
        core_(options.backend, options.shape.dropout) {
    if (options.reach > 0) {
      window_.emplace(options.reach);
    }
  }

  at::Tensor operator()(const at::Tensor& x, const RotaryTables& rotary, const SequenceMask& mask) {
    Enter(Component::kProjection);
    const auto parts = qkv_(x)
                           .view({x.size(0), x.size(1), 3 * heads_, -1})
                           .split_with_sizes({2 * heads_, heads_}, 2);
    // Queries and keys at once.
    const at::Tensor turned = Rotate(parts[0], rotary).transpose(1, 2);
    const at::Tensor q = turned.narrow(1, 0, heads_);
    const at::Tensor k = turned.narrow(1, heads_, heads_);
    const at::Tensor v = parts[1].transpose(1, 2);
    Enter(Component::kMixing);
    const at::Tensor mixed = window_.has_value() && window_->Cuts(x.size(1))
                                 ? (*window_)(q, k, v, mask.keep, dropout_)
                                 : core_(q, k, v, mask.additive);
    Enter(Component::kProjection);
    return Dropped(output_(mixed), dropout_);
  }

  bool is_sliding() const { return window_.has_value(); }
  // Empty where only the window ran.
  std::string KernelUsed() const { return core_.KernelUsed(); }

 private:
  int64_t heads_;
  double dropout_;
  Linear qkv_;
  Linear output_;
  AttentionCore core_;
  std::optional<SlidingWindow> window_;
};

struct LayerOptions {
  AttentionOptions attention;
  GatedFeedForwardOptions feed_forward;
  double norm_eps = 0;
  bool norm_bias = false;
  bool norms_input = true;  // of the attention
};

std::optional<Norm> MakeAttentionNorm(ParameterStore& store, const std::string& prefix,
                                      const LayerOptions& options) {
  if (!options.norms_input) {
    return std::nullopt;
  }
  return Norm(store, prefix + ".attn_norm", options.attention.shape.hidden_size, options.norm_eps,
              options.norm_bias);
}

class Layer {
 public:
  Layer(ParameterStore& store, const std::string& prefix, const LayerOptions& options)
      : attention_norm_(MakeAttentionNorm(store, prefix, options)),
        attention_(store, prefix + ".attn", options.attention),
        feed_forward_norm_(store, prefix + ".mlp_norm", options.attention.shape.hidden_size,
                           options.norm_eps, options.norm_bias),
        feed_forward_(store, prefix + ".mlp", options.feed_forward) {}

  at::Tensor operator()(const at::Tensor& x, const RotaryTables& rotary, const SequenceMask& mask) {
    const at::Tensor normed = attention_norm_.has_value() ? (*attention_norm_)(x) : x;
    // In place: no gradient needs the sum's first term.
    const at::Tensor middle = attention_(normed, rotary, mask).add_(x);
    return feed_forward_(feed_forward_norm_(middle)).add_(middle);
  }

  const RotaryAttention& attention() const { return attention_; }

 private:
  std::optional<Norm> attention_norm_;
  RotaryAttention attention_;
  Norm feed_forward_norm_;
  GatedFeedForward feed_forward_;
};

LayerOptions LayerOptionsOf(const Config& config, const BuildOptions& build) {
  const int64_t size = config.Int("hidden_size");
  return {.attention = {.shape = {.hidden_size = size,
                                  .heads = config.Int("num_attention_heads"),
                                  .head_size = catalog::HeadSize(config.values()),
                                  .dropout = build.training ? config.Real("attention_dropout") : 0,
                                  .linear = {.bias = config.Flag("attention_bias")}}},
          .feed_forward = {.hidden_size = size,
                           .intermediate_size = config.Int("intermediate_size"),
                           .activation = ActivationOf(config.Text("hidden_activation")),
                           .dropout = build.training ? config.Real("mlp_dropout") : 0,
                           .linear = {.bias = config.Flag("mlp_bias")},
                           .down = "Wo",
                           .gate_and_up = "Wi"},
          .norm_eps = config.Real("norm_eps"),
          .norm_bias = config.Flag("norm_bias")};
}

std::vector<Layer> MakeLayers(ParameterStore& store, const Config& config,
                              const LayerOptions& options) {
  std::vector<Layer> layers;
  for (const std::string& type : config.Texts("layer_types")) {
    LayerOptions own = options;
    own.attention.reach = type == "sliding_attention" ? config.Int("local_attention") / 2 : 0;
    own.norms_input = !layers.empty();  // the embeddings were normed just before
    const std::string prefix = absl::StrCat("layers.", layers.size());
    store.ShareLayer(prefix, "layers.0");
    layers.emplace_back(store, prefix, own);
  }
  return layers;
}

class ModernBertModel : public TokenModel {
 public:
  ModernBertModel(const Config& config, const BuildOptions& build, const LayerOptions& options)
      : TokenModel(config, build, {}),
        global_rotary_(options.attention.shape.head_size, config.Real("global_rope_theta"),
                       build.dtype, build.device),
        local_rotary_(options.attention.shape.head_size, config.Real("local_rope_theta"),
                      build.dtype, build.device),
        dropout_(build.training ? config.Real("embedding_dropout") : 0),
        words_(store().Normal("embeddings.tok_embeddings.weight",
                              {config.Int("vocab_size"), config.Int("hidden_size")},
                              config.OptionalInt("pad_token_id"))),
        embedding_norm_(store(), "embeddings.norm", config.Int("hidden_size"), options.norm_eps,
                        options.norm_bias),
        layers_(MakeLayers(store(), config, options)),
        norm_(store(), "final_norm", config.Int("hidden_size"), options.norm_eps,
              options.norm_bias),
        run_(store()) {}

  at::Tensor Forward(const Inputs& inputs) override {
    Enter(Component::kOther);
    const at::Tensor& ids = inputs.at("input_ids");
    const SequenceMask mask =
        MakeSequenceMask(ids, FindInput(inputs, "attention_mask"), 0, build().dtype);
    const RotaryTables global = global_rotary_.At(0, ids.size(1));
    const RotaryTables local = local_rotary_.At(0, ids.size(1));
    Enter(Component::kEmbedding);
    at::Tensor x = ops::Embedding(words_, ids);
    x = Dropped(embedding_norm_(x), dropout_);
    for (Layer& layer : layers_) {
      const RotaryTables& rotary = layer.attention().is_sliding() ? local : global;
      x = run_(x, [&layer, rotary, mask](const at::Tensor& y) { return layer(y, rotary, mask); });
    }
    return norm_(x);
  }

  // Of the layers that have a choice.
  std::string AttentionUsed() const override {
    for (const Layer& layer : layers_) {
      if (std::string kernel = layer.attention().KernelUsed(); !kernel.empty()) {
        return kernel;
      }
    }
    return "eager";
  }

 private:
  Rotary global_rotary_;
  Rotary local_rotary_;
  double dropout_;
  at::Tensor words_;
  Norm embedding_norm_;
  std::vector<Layer> layers_;
  Norm norm_;
  LayerRunner run_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildModernbert(const Config& config,
                                                       const BuildOptions& build) {
  LayerOptions options = LayerOptionsOf(config, build);
  CUSP_ASSIGN_OR_RETURN(options.attention.backend, ChooseBackend(options.attention.shape, build));
  return std::make_unique<ModernBertModel>(config, build, options);
}

}  // namespace cusp::models
