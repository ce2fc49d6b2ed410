// The Scaling Transformer (Jaszczur et al., 2021), its decoder: pre-norm layers whose matrices
// are sparse in what is read (feed-forward part) or in parameters (projections).
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/decoder_span.h"
#include "worker/models/layers/factored_linear.h"
#include "worker/models/layers/kv_cache.h"
#include "worker/models/layers/layer_runner.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"
#include "worker/models/layers/sinusoids.h"
#include "worker/models/layers/sparse_feed_forward.h"
#include "worker/models/layers/sparse_qkv.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {
namespace {

// What a layer keeps of the tokens before.
struct SparseLayerState {
  at::Tensor convolution;
  KvCache cache;
};

struct SparseLayerOptions {
  SparseQkvOptions qkv;
  SparseFeedForwardOptions feed_forward;
  double layer_norm_eps = 0;
  double dropout = 0;  // of both branches; 0 outside training
  double attention_dropout = 0;
  AttentionBackend backend = AttentionBackend::kEager;
};

class SparseLayer {
 public:
  SparseLayer(ParameterStore& store, const std::string& prefix, const SparseLayerOptions& options)
      : dropout_(options.dropout),
        attention_norm_(store, prefix + ".attention_norm", options.qkv.hidden_size,
                        options.layer_norm_eps),
        qkv_(store, prefix + ".attention", options.qkv),
        core_(options.backend, options.attention_dropout),
        feed_forward_norm_(store, prefix + ".feed_forward_norm", options.qkv.hidden_size,
                           options.layer_norm_eps),
        feed_forward_(store, prefix + ".feed_forward", options.feed_forward) {}

  // As SparseFeedForward: a layer that runs again must be told the same.
  bool DrawHard() const { return feed_forward_.DrawHard(); }

  // `keep` [B, n] or undefined. Without a state, nothing came before.
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& keep, const DecoderSpan& span,
                        bool hard, SparseLayerState* state) {
    Enter(Component::kNorm);
    auto [q, k, v] =
        qkv_(attention_norm_(x), keep, state == nullptr ? nullptr : &state->convolution);
    Enter(Component::kMixing);
    if (state != nullptr) {
      state->cache.Append(k, v);
      k = state->cache.keys();
      v = state->cache.values();
    }
    // What attention gives may be what its gradient needs, so the sum is a new one.
    const at::Tensor middle = x.add(Dropped(core_(q, k, v, span.additive, span.causal)));
    Enter(Component::kNorm);
    return Dropped(feed_forward_(feed_forward_norm_(middle), hard)).add_(middle);
  }

  std::string KernelUsed() const { return core_.KernelUsed(); }

 private:
  at::Tensor Dropped(const at::Tensor& x) const {
    return dropout_ > 0 ? ops::Dropout(x, dropout_) : x;
  }

  double dropout_;
  LayerNorm attention_norm_;
  SparseQkv qkv_;
  AttentionCore core_;
  LayerNorm feed_forward_norm_;
  SparseFeedForward feed_forward_;
};

SparseLayerOptions LayerOptionsOf(const Config& config, const BuildOptions& build,
                                  const AttentionShape& shape, AttentionBackend backend) {
  return {.qkv = {.hidden_size = shape.hidden_size,
                  .heads = shape.heads,
                  .modules = config.Int("qkv_sparsity")},
          .feed_forward = {.hidden_size = shape.hidden_size,
                           .intermediate_size = config.Int("intermediate_size"),
                           .block = config.Int("ff_sparsity"),
                           .rank = config.Int("controller_rank"),
                           .temperature = config.Real("temperature"),
                           .hard_probability = config.Real("quant_prob")},
          .layer_norm_eps = config.Real("layer_norm_eps"),
          .dropout = build.training ? config.Real("hidden_dropout_prob") : 0,
          .attention_dropout = shape.dropout,
          .backend = backend};
}

class ScalingTransformer : public TokenModel {
 public:
  ScalingTransformer(const Config& config, const BuildOptions& build,
                     const SparseLayerOptions& options);

  at::Tensor Forward(const Inputs& inputs) override;
  std::unique_ptr<DecodeState> NewState() const override;
  at::Tensor Extend(const at::Tensor& input_ids, DecodeState& state) override;
  std::string AttentionUsed() const override { return layers_.front().KernelUsed(); }

 private:
  struct State : DecodeState {
    std::vector<SparseLayerState> layers;
  };

  // `attention_mask` [B, n] or undefined. Without a state, nothing came before.
  at::Tensor Run(const at::Tensor& input_ids, const at::Tensor& attention_mask, State* state);

  AttentionBackend backend_;
  Sinusoids positions_;
  at::Tensor words_;
  std::vector<SparseLayer> layers_;
  LayerNorm norm_;
  std::optional<FactoredLinear> loss_;
  LayerRunner run_;
};

ScalingTransformer::ScalingTransformer(const Config& config, const BuildOptions& build,
                                       const SparseLayerOptions& options)
    : TokenModel(config, build, {}),
      backend_(options.backend),
      positions_(config.Int("hidden_size"),
                 c10::TensorOptions().dtype(build.dtype).device(build.device)),
      words_(store().Normal("embeddings.weight",
                            {config.Int("vocab_size"), config.Int("hidden_size")},
                            config.Int("pad_token_id"))),
      layers_([&] {
        std::vector<SparseLayer> layers;
        for (int64_t i = 0; i < config.Int("num_hidden_layers"); ++i) {
          const std::string prefix = absl::StrCat("layers.", i);
          store().ShareLayer(prefix, "layers.0");
          layers.emplace_back(store(), prefix, options);
        }
        return layers;
      }()),
      norm_(store(), "norm", config.Int("hidden_size"), config.Real("layer_norm_eps")),
      run_(store()) {
  if (const auto modules = config.OptionalInt("loss_sparsity"); modules.has_value()) {
    loss_.emplace(
        store(), "loss",
        FactoredLinearOptions{
            .in = config.Int("hidden_size"), .out = config.Int("vocab_size"), .modules = *modules});
  }
}

at::Tensor ScalingTransformer::Forward(const Inputs& inputs) {
  return Run(inputs.at("input_ids"), FindInput(inputs, "attention_mask"), nullptr);
}

std::unique_ptr<DecodeState> ScalingTransformer::NewState() const {
  auto state = std::make_unique<State>();
  state->layers.resize(layers_.size());
  return state;
}

at::Tensor ScalingTransformer::Extend(const at::Tensor& input_ids, DecodeState& state) {
  auto& mine = static_cast<State&>(state);
  at::Tensor x = Run(input_ids, {}, &mine);
  mine.length += input_ids.size(1);
  return x;
}

at::Tensor ScalingTransformer::Run(const at::Tensor& input_ids, const at::Tensor& attention_mask,
                                   State* state) {
  Enter(Component::kOther);
  const int64_t before = state == nullptr ? 0 : state->length;
  const SequenceMask mask = MakeSequenceMask(input_ids, attention_mask, 0, build().dtype);
  const DecoderSpan span = CausalSpan(mask, before, backend_, build().dtype, build().device);
  Enter(Component::kEmbedding);
  at::Tensor x = ops::Embedding(words_, input_ids).add_(positions_.At(before, input_ids.size(1)));
  for (size_t i = 0; i < layers_.size(); ++i) {
    SparseLayerState* kept = state == nullptr ? nullptr : &state->layers[i];
    const bool hard = layers_[i].DrawHard();
    x = run_(x, [this, i, keep = mask.keep, span, hard, kept](const at::Tensor& y) {
      return layers_[i](y, keep, span, hard, kept);
    });
  }
  Enter(Component::kNorm);
  x = norm_(x);
  if (!loss_.has_value()) {
    return x;
  }
  Enter(Component::kOther);
  return (*loss_)(x);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildScalingTransformer(const Config& config,
                                                               const BuildOptions& build) {
  const AttentionShape shape = AttentionShapeOf(config, build);
  CUSP_ASSIGN_OR_RETURN(const AttentionBackend backend, ChooseBackend(shape, build));
  return std::make_unique<ScalingTransformer>(config, build,
                                              LayerOptionsOf(config, build, shape, backend));
}

}  // namespace cusp::models
