#include "worker/models/text/encoder_model.h"

#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/text/encoder.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"
#include "worker/models/text/token_inputs.h"

namespace cusp::models {
namespace {

std::vector<EncoderLayer> MakeLayers(ParameterStore& store, const Config& config,
                                     const EncoderVariant& variant, const BuildOptions& build) {
  const EncoderLayerOptions options = EncoderLayerOptionsOf(config, variant, build);
  std::vector<EncoderLayer> layers;
  const int64_t count = variant.layers > 0 ? variant.layers : config.Int("num_hidden_layers");
  const auto prefix_of = [&](int64_t layer) {
    return variant.layer_prefix ? variant.layer_prefix(layer)
                                : absl::StrCat("encoder.layer.", layer);
  };
  for (int64_t i = 0; i < count; ++i) {
    const std::string prefix = prefix_of(i);
    store.ShareLayer(prefix, prefix_of(0));
    std::unique_ptr<SelfAttention> attention =
        variant.make_attention(store, absl::StrCat(prefix, ".", variant.attention_prefix), i);
    layers.emplace_back(store, prefix, options, std::move(attention));
  }
  return layers;
}

std::optional<Linear> MakeProjection(ParameterStore& store, const Config& config,
                                     const EncoderVariant& variant) {
  if (variant.embedding_projection.empty()) {
    return std::nullopt;
  }
  const int64_t size = config.Int("hidden_size");
  return Linear(store, variant.embedding_projection,
                variant.embedding_size > 0 ? variant.embedding_size : size, size);
}

std::vector<size_t> OrderOf(const EncoderVariant& variant, size_t layers) {
  std::vector<size_t> order = variant.order;
  if (order.empty()) {
    order.resize(layers);
    std::iota(order.begin(), order.end(), size_t{0});
  }
  return order;
}

// The state of every layer, and where the next token stands.
struct EncoderState : DecodeState {
  std::vector<std::unique_ptr<LayerState>> layers;
};

}  // namespace

AttentionShape AttentionShapeOf(const Config& config, const BuildOptions& build) {
  return {.hidden_size = config.Int("hidden_size"),
          .heads = config.Int("num_attention_heads"),
          .head_size = catalog::HeadSize(config.values()),
          .dropout = build.training ? config.Real("attention_probs_dropout_prob") : 0};
}

EmbeddingOptions EmbeddingOptionsOf(const Config& config, const EncoderVariant& variant,
                                    const BuildOptions& build) {
  return {.vocab_size = config.Int("vocab_size"),
          .hidden_size =
              variant.embedding_size > 0 ? variant.embedding_size : config.Int("hidden_size"),
          .max_position_embeddings = config.Int("max_position_embeddings"),
          .type_vocab_size = config.Int("type_vocab_size"),
          .pad_token_id = config.Int("pad_token_id"),
          .layer_norm_eps = config.Real("layer_norm_eps"),
          .dropout = build.training ? config.Real("hidden_dropout_prob") : 0,
          .positions = variant.positions,
          .word_scale = variant.word_scale};
}

EncoderLayerOptions EncoderLayerOptionsOf(const Config& config, const EncoderVariant& variant,
                                          const BuildOptions& build) {
  return {.hidden_size = config.Int("hidden_size"),
          .attention_size = static_cast<int64_t>(catalog::InnerSize(config.values())),
          .intermediate_size = config.Int("intermediate_size"),
          .activation = ActivationOf(config.Text("hidden_act")),
          .layer_norm_eps = config.Real("layer_norm_eps"),
          .dropout = build.training ? config.Real("hidden_dropout_prob") : 0,
          .linear = variant.linear,
          .names = variant.layer_names};
}

EncoderModel::EncoderModel(const Config& config, const EncoderVariant& variant,
                           const BuildOptions& build)
    : TokenModel(config, build,
                 {.attention_mask = variant.takes_mask,
                  .token_types = config.Int("type_vocab_size") > 0,
                  .global_mask = variant.takes_global_mask}),
      causal_(config.Flag("is_decoder")),
      longest_unpadded_(variant.longest_unpadded),
      embeddings_(store(), EmbeddingOptionsOf(config, variant, build)),
      embedding_projection_(MakeProjection(store(), config, variant)),
      layers_(MakeLayers(store(), config, variant, build)),
      order_(OrderOf(variant, layers_.size())),
      run_(store()) {
  if (variant.quantum > 0) {
    set_quantum(variant.quantum);
  }
}

at::Tensor EncoderModel::Forward(const Inputs& inputs) {
  Enter(Component::kEmbedding);
  const at::Tensor ids = inputs.at("input_ids");
  const int64_t length = ids.size(1);
  const int64_t padding = length <= longest_unpadded_ ? 0 : PaddingAfter(length);
  SequenceMask mask =
      MakeSequenceMask(ids, FindInput(inputs, "attention_mask"), padding, build().dtype);
  mask.causal = causal_;
  SetGlobalTokens(mask, FindInput(inputs, "global_attention_mask"), padding);
  at::Tensor x = Embedded(embeddings_(ids, FindInput(inputs, "token_type_ids")));
  // Only now, so that padding takes no positions.
  x = padding > 0 ? ops::Pad(x, {0, 0, 0, padding}, 0) : x;
  for (const size_t layer : order_) {
    x = run_(x, [this, layer, mask](const at::Tensor& y) { return layers_[layer](y, mask); });
  }
  return padding > 0 ? x.narrow(1, 0, length) : x;
}

at::Tensor EncoderModel::Embedded(const at::Tensor& x) const {
  if (!embedding_projection_.has_value()) {
    return x;
  }
  Enter(Component::kEmbedding);
  return (*embedding_projection_)(x);
}

std::unique_ptr<DecodeState> EncoderModel::NewState() const {
  auto state = std::make_unique<EncoderState>();
  for (const size_t layer : order_) {
    state->layers.push_back(causal_ ? layers_[layer].attention().NewState() : nullptr);
    if (state->layers.back() == nullptr) {
      return nullptr;
    }
  }
  return state;
}

at::Tensor EncoderModel::Extend(const at::Tensor& input_ids, DecodeState& state) {
  auto& mine = static_cast<EncoderState&>(state);
  Enter(Component::kEmbedding);
  at::Tensor x = Embedded(embeddings_.At(input_ids, mine.length));
  for (size_t i = 0; i < order_.size(); ++i) {
    x = layers_[order_[i]].Extend(x, *mine.layers[i]);
  }
  mine.length += input_ids.size(1);
  return x;
}

std::string EncoderModel::AttentionUsed() const {
  return layers_.empty() ? "" : layers_.front().attention().KernelUsed();
}

}  // namespace cusp::models
