#include "worker/models/sequence/t5_model.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {
namespace {

T5Options Decoding(T5Options options) {
  options.decoder = true;
  return options;
}

// The bias with what is hidden: of padding, and of what comes later.
at::Tensor Hidden(const at::Tensor& bias, const at::Tensor& padding, bool causal) {
  at::Tensor both = padding.defined() ? bias.add(padding) : bias;
  if (causal && bias.size(2) > 1) {
    both = both.add(CausalMask(bias.size(2), bias.size(3), bias.scalar_type(), bias.device()));
  }
  return both;
}

}  // namespace

T5Stack::T5Stack(ParameterStore& store, const std::string& prefix, int64_t layers,
                 const T5Options& options, const MakeT5FeedForward& make_feed_forward)
    : options_(options),
      bias_([&] {
        store.set_initializer_range(options.initializer_factor /
                                    std::sqrt(static_cast<double>(options.hidden_size)));
        return RelativeBias(store, prefix + ".block.0.layer.0.SelfAttention",
                            {.heads = options.heads,
                             .buckets = options.buckets,
                             .max_distance = options.max_distance,
                             .bidirectional = !options.decoder});
      }()),
      layers_([&] {
        std::vector<T5Layer> all;
        for (int64_t i = 0; i < layers; ++i) {
          all.emplace_back(store, absl::StrCat(prefix, ".block.", i), i, options,
                           make_feed_forward);
        }
        return all;
      }()),
      norm_(store, prefix + ".final_layer_norm", options.hidden_size, options.norm_epsilon) {}

at::Tensor T5Stack::operator()(const at::Tensor& words, const T5Span& span, T5State* state) {
  at::Tensor x = words;
  for (size_t i = 0; i < layers_.size(); ++i) {
    x = layers_[i](x, span, state == nullptr ? nullptr : &state->layers[i]);
  }
  Enter(Component::kNorm);
  x = norm_(x);
  return options_.dropout > 0 ? ops::Dropout(x, options_.dropout) : x;
}

void T5Stack::Read(const at::Tensor& source, T5State& state) const {
  state.layers.resize(layers_.size());
  for (size_t i = 0; i < layers_.size(); ++i) {
    layers_[i].Read(source, state.layers[i]);
  }
}

std::string T5Stack::KernelUsed() const { return layers_.front().KernelUsed(); }

absl::StatusOr<std::unique_ptr<Model>> T5Model::Build(const Config& config,
                                                      const BuildOptions& build,
                                                      const MakeT5FeedForward& make_feed_forward) {
  const AttentionShape shape = {.hidden_size = config.Int("d_model"),
                                .heads = config.Int("num_heads"),
                                .head_size = config.Int("d_kv")};
  CUSP_ASSIGN_OR_RETURN(const AttentionBackend backend, ChooseBackend(shape, build));
  const T5Options options = {.hidden_size = shape.hidden_size,
                             .heads = shape.heads,
                             .head_size = shape.head_size,
                             .buckets = config.Int("relative_attention_num_buckets"),
                             .max_distance = config.Int("relative_attention_max_distance"),
                             .norm_epsilon = config.Real("layer_norm_epsilon"),
                             .dropout = build.training ? config.Real("dropout_rate") : 0,
                             .initializer_factor = config.Real("initializer_factor"),
                             .backend = backend};
  return std::unique_ptr<Model>(new T5Model(config, build, options, make_feed_forward));
}

T5Model::T5Model(const Config& config, const BuildOptions& build, T5Options options,
                 const MakeT5FeedForward& make_feed_forward)
    : TokenModel(config, build, {.decoder = config.Flag("is_encoder_decoder")}),
      dropout_(options.dropout),
      words_([&] {
        store().set_initializer_range(options.initializer_factor);
        return store().Normal("shared.weight", {config.Int("vocab_size"), options.hidden_size});
      }()),
      encoder_(store(), "encoder", config.Int("num_layers"), options, make_feed_forward) {
  if (config.Flag("is_encoder_decoder")) {
    decoder_.emplace(store(), "decoder", config.Int("num_decoder_layers"), Decoding(options),
                     make_feed_forward);
  }
}

at::Tensor T5Model::Forward(const Inputs& inputs) {
  const SequenceMask mask = MakeSequenceMask(inputs.at("input_ids"),
                                             FindInput(inputs, "attention_mask"), 0, build().dtype);
  const at::Tensor source = Encode(inputs, mask);
  const at::Tensor ids = FindInput(inputs, "decoder_input_ids");
  if (!ids.defined()) {
    return source;
  }
  const SequenceMask target =
      MakeSequenceMask(ids, FindInput(inputs, "decoder_attention_mask"), 0, build().dtype);
  const at::Tensor bias = Hidden(decoder_->Bias(ids.size(1), 0), target.additive, /*causal=*/true);
  return (*decoder_)(Words(ids), {.bias = bias, .source = source, .source_additive = mask.additive},
                     nullptr);
}

std::unique_ptr<DecodeState> T5Model::NewStateFor(const Inputs& inputs) {
  if (!decoder_.has_value()) {
    return nullptr;
  }
  const SequenceMask mask = MakeSequenceMask(inputs.at("input_ids"),
                                             FindInput(inputs, "attention_mask"), 0, build().dtype);
  auto state = std::make_unique<T5State>();
  decoder_->Read(Encode(inputs, mask), *state);
  state->source_additive = mask.additive;
  return state;
}

at::Tensor T5Model::Extend(const at::Tensor& input_ids, DecodeState& state) {
  auto& mine = static_cast<T5State&>(state);
  const at::Tensor bias =
      Hidden(decoder_->Bias(input_ids.size(1), mine.length), {}, /*causal=*/true);
  at::Tensor x =
      (*decoder_)(Words(input_ids), {.bias = bias, .source_additive = mine.source_additive}, &mine);
  mine.length += input_ids.size(1);
  return x;
}

void T5Model::LeaveOutOptionalPart() {
  decoder_.reset();
  store().Remove("decoder.");
  TakeNoDecoderInputs();
}

at::Tensor T5Model::Words(const at::Tensor& ids) const {
  Enter(Component::kEmbedding);
  const at::Tensor x = ops::Embedding(words_, ids);
  return dropout_ > 0 ? ops::Dropout(x, dropout_) : x;
}

at::Tensor T5Model::Encode(const Inputs& inputs, const SequenceMask& mask) {
  const at::Tensor& ids = inputs.at("input_ids");
  const at::Tensor words = Words(ids);
  const at::Tensor bias = Hidden(encoder_.Bias(ids.size(1), 0), mask.additive, /*causal=*/false);
  return encoder_(words, {.bias = bias}, nullptr);
}

}  // namespace cusp::models
