#include "worker/models/sequence/decoder_model.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/sequence/decoder.h"
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"
#include "worker/models/sequence/rope.h"

namespace cusp::models {
namespace {

bool FlagIfAny(const Config& config, const char* key) {
  return config.values().contains(key) && config.Flag(key);
}

GatedFeedForwardOptions FeedForwardOptionsOf(const Config& config) {
  return {.hidden_size = config.Int("hidden_size"),
          .intermediate_size = config.Int("intermediate_size"),
          .activation = ActivationOf(config.Text("hidden_act")),
          .linear = {.bias = FlagIfAny(config, "mlp_bias")}};
}

// The padding token's row, counted from the end where it is negative, as older files do.
std::optional<int64_t> ZeroRow(const Config& config) {
  const std::optional<int64_t> pad = config.OptionalInt("pad_token_id");
  return pad.has_value() && *pad < 0 ? config.Int("vocab_size") + *pad : pad;
}

}  // namespace

struct DecoderModel::State : DecodeState {
  std::vector<KvCache> layers;
};

DecoderModel::Layer::Layer(ParameterStore& store, const std::string& prefix, const Config& config,
                           const GroupedAttentionOptions& attention_options)
    : attention(store, prefix + ".self_attn", attention_options),
      feed_forward(store, prefix + ".mlp", FeedForwardOptionsOf(config)),
      attention_norm(store, prefix + ".input_layernorm", config.Int("hidden_size"),
                     config.Real("rms_norm_eps")),
      feed_forward_norm(store, prefix + ".post_attention_layernorm", config.Int("hidden_size"),
                        config.Real("rms_norm_eps")) {}

at::Tensor DecoderModel::Layer::operator()(const at::Tensor& x, const DecoderSpan& span,
                                           KvCache* cache) {
  Enter(Component::kNorm);
  // In place: no gradient needs the sum's first term.
  const at::Tensor middle = attention(attention_norm(x), span, cache).add_(x);
  Enter(Component::kNorm);
  return feed_forward(feed_forward_norm(middle)).add_(middle);
}

absl::StatusOr<std::unique_ptr<Model>> DecoderModel::Build(const Config& config,
                                                           const BuildOptions& build,
                                                           int64_t window) {
  const AttentionShape shape = {.hidden_size = config.Int("hidden_size"),
                                .heads = config.Int("num_attention_heads"),
                                .head_size = config.Int("head_dim")};
  CUSP_ASSIGN_OR_RETURN(const AttentionBackend backend, ChooseBackend(shape, build));
  const GroupedAttentionOptions attention = {
      .hidden_size = shape.hidden_size,
      .heads = shape.heads,
      .key_value_heads = config.Int("num_key_value_heads"),
      .head_size = shape.head_size,
      .dropout = build.training ? config.Real("attention_dropout") : 0,
      .linear = {.bias = FlagIfAny(config, "attention_bias")},
      .window = CausalWindow(window, catalog::WindowBlock(window)),
      .backend = backend};
  return std::unique_ptr<Model>(new DecoderModel(config, build, attention));
}

DecoderModel::DecoderModel(const Config& config, const BuildOptions& build,
                           const GroupedAttentionOptions& attention)
    : TokenModel(config, build, {}),
      window_(attention.window),
      backend_(attention.backend),
      rotary_(attention.head_size, config.Real("rope_theta"), build.dtype, build.device,
              RotaryScalingOf(config)),
      words_(store().Normal("embed_tokens.weight",
                            {config.Int("vocab_size"), config.Int("hidden_size")},
                            ZeroRow(config))),
      layers_([&] {
        std::vector<Layer> layers;
        for (int64_t i = 0; i < config.Int("num_hidden_layers"); ++i) {
          const std::string prefix = absl::StrCat("layers.", i);
          store().ShareLayer(prefix, "layers.0");
          layers.emplace_back(store(), prefix, config, attention);
        }
        return layers;
      }()),
      norm_(store(), "norm", config.Int("hidden_size"), config.Real("rms_norm_eps")),
      run_(store()) {}

at::Tensor DecoderModel::Forward(const Inputs& inputs) {
  const at::Tensor& ids = inputs.at("input_ids");
  return Run(ids, SpanOf(ids, FindInput(inputs, "attention_mask"), 0, 0), nullptr);
}

std::unique_ptr<DecodeState> DecoderModel::NewState() const {
  auto state = std::make_unique<State>();
  state->layers.assign(layers_.size(), KvCache(window_.window()));
  return state;
}

at::Tensor DecoderModel::Extend(const at::Tensor& input_ids, DecodeState& state) {
  auto& mine = static_cast<State&>(state);
  const int64_t kept = mine.layers.empty() ? 0 : mine.layers.front().kept();
  at::Tensor x = Run(input_ids, SpanOf(input_ids, {}, mine.length, kept), &mine);
  mine.length += input_ids.size(1);
  return x;
}

DecoderSpan DecoderModel::SpanOf(const at::Tensor& input_ids, const at::Tensor& attention_mask,
                                 int64_t before, int64_t kept) {
  Enter(Component::kOther);
  const int64_t length = input_ids.size(1);
  const SequenceMask mask = MakeSequenceMask(input_ids, attention_mask, 0, build().dtype);
  DecoderSpan span;
  if (window_.Cuts(kept + length)) {
    span.additive = window_.Mask(length, kept, input_ids.size(0), mask.keep, words_.options());
  } else {
    span = CausalSpan(mask, kept, backend_, build().dtype, build().device);
  }
  span.rotary = rotary_.At(before, length);
  return span;
}

at::Tensor DecoderModel::Run(const at::Tensor& input_ids, const DecoderSpan& span, State* state) {
  Enter(Component::kEmbedding);
  at::Tensor x = ops::Embedding(words_, input_ids);
  for (size_t i = 0; i < layers_.size(); ++i) {
    KvCache* cache = state == nullptr ? nullptr : &state->layers[i];
    x = run_(x, [this, i, span, cache](const at::Tensor& y) { return layers_[i](y, span, cache); });
  }
  Enter(Component::kNorm);
  return norm_(x);
}

std::string DecoderModel::AttentionUsed() const {
  return layers_.empty() ? "" : layers_.front().attention.KernelUsed();
}

}  // namespace cusp::models
