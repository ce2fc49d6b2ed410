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

T5Options OptionsOf(const Config& config, const BuildOptions& build, bool classic) {
  T5Options options = {.hidden_size = config.Int("d_model"),
                       .heads = config.Int("num_heads"),
                       .head_size = config.Int("d_kv"),
                       .norm_epsilon = config.Real("layer_norm_epsilon"),
                       .dropout = build.training ? config.Real("dropout_rate") : 0,
                       .initializer_factor = config.Real("initializer_factor")};
  if (classic) {
    options.scale = std::nullopt;
    options.linear = {};
    options.layer_norm = true;
  } else {
    options.buckets = config.Int("relative_attention_num_buckets");
    options.max_distance = config.Int("relative_attention_max_distance");
  }
  return options;
}

double RootOf(int64_t size) { return std::sqrt(static_cast<double>(size)); }

}  // namespace

T5Stack::T5Stack(ParameterStore& store, const std::string& prefix, int64_t layers,
                 const T5Options& options, const MakeT5FeedForward& make_feed_forward)
    : options_(options),
      bias_([&]() -> std::optional<RelativeBias> {
        if (options.buckets == 0) {
          return std::nullopt;
        }
        store.set_initializer_range(options.initializer_factor / RootOf(options.hidden_size));
        return RelativeBias(store, prefix + ".block.0.layer.0.SelfAttention",
                            {.heads = options.heads,
                             .buckets = options.buckets,
                             .max_distance = options.max_distance,
                             .bidirectional = !options.decoder});
      }()),
      layers_([&] {
        std::vector<T5Layer> all;
        for (int64_t i = 0; i < layers; ++i) {
          store.ShareLayer(absl::StrCat(prefix, ".block.", i), prefix + ".block.0");
          all.emplace_back(store, absl::StrCat(prefix, ".block.", i), i, options,
                           make_feed_forward);
        }
        return all;
      }()),
      norm_(MakeT5Norm(store, prefix + ".final_layer_norm", options)),
      run_(store) {}

at::Tensor T5Stack::operator()(const at::Tensor& words, const T5Span& span, T5State* state) {
  at::Tensor x = words;
  for (size_t i = 0; i < layers_.size(); ++i) {
    T5LayerState* kept = state == nullptr ? nullptr : &state->layers[i];
    x = run_({x, span.bias, span.source},
             [this, i, kept, span](const std::vector<at::Tensor>& inputs) {
               T5Span own = span;
               own.bias = inputs[1];
               own.source = inputs[2];
               return layers_[i](inputs[0], own, kept);
             });
  }
  Enter(Component::kNorm);
  x = norm_(x);
  return options_.dropout > 0 ? ops::Dropout(x, options_.dropout) : x;
}

T5Span T5Stack::SpanOf(const at::Tensor& words, int64_t before, const at::Tensor& padding) const {
  const int64_t queries = words.size(1);
  at::Tensor sum = padding;
  if (bias_.has_value()) {
    sum = (*bias_)(queries, before);
    sum = padding.defined() ? sum.add(padding) : sum;
  }
  if (!options_.decoder || queries == 1) {
    return {.bias = sum};
  }
  if (!sum.defined() && before == 0 && options_.backend != AttentionBackend::kEager) {
    // The fused kernels know this mask by themselves.
    return {.causal = true};
  }
  // Once for all layers.
  const at::Tensor later =
      CausalMask(queries, before + queries, words.scalar_type(), words.device());
  return {.bias = sum.defined() ? sum.add(later) : later.view({1, 1, queries, -1})};
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
                                                      const T5Family& family) {
  T5Options options = OptionsOf(config, build, family.classic);
  const AttentionShape shape = {
      .hidden_size = options.hidden_size, .heads = options.heads, .head_size = options.head_size};
  CUSP_ASSIGN_OR_RETURN(options.backend, ChooseBackend(shape, build));
  return std::unique_ptr<Model>(new T5Model(config, build, options, family));
}

T5Model::T5Model(const Config& config, const BuildOptions& build, const T5Options& options,
                 const T5Family& family)
    : TokenModel(config, build, {.decoder = config.Flag("is_encoder_decoder")}),
      dropout_(options.dropout),
      words_([&] {
        // Scaled words have their deviation from the scale.
        store().set_initializer_range(options.initializer_factor /
                                      (family.classic ? RootOf(options.hidden_size) : 1));
        return store().Normal("shared.weight", {config.Int("vocab_size"), options.hidden_size});
      }()),
      encoder_(store(), "encoder", config.Int("num_layers"), options, family.make_feed_forward) {
  if (family.classic) {
    positions_.emplace(options.hidden_size,
                       c10::TensorOptions().dtype(build.dtype).device(build.device));
  }
  if (config.Flag("is_encoder_decoder")) {
    decoder_.emplace(store(), "decoder", config.Int("num_decoder_layers"), Decoding(options),
                     family.make_feed_forward);
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
  const at::Tensor words = Words(ids, 0);
  T5Span span = decoder_->SpanOf(words, 0, target.additive);
  span.source = source;
  span.source_additive = mask.additive;
  return (*decoder_)(words, span, nullptr);
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
  const at::Tensor words = Words(input_ids, mine.length);
  T5Span span = decoder_->SpanOf(words, mine.length, {});
  span.source_additive = mine.source_additive;
  at::Tensor x = (*decoder_)(words, span, &mine);
  mine.length += input_ids.size(1);
  return x;
}

void T5Model::LeaveOutOptionalPart() {
  decoder_.reset();
  store().Remove("decoder.");
  TakeNoDecoderInputs();
}

at::Tensor T5Model::Words(const at::Tensor& ids, int64_t before) {
  Enter(Component::kEmbedding);
  at::Tensor x = ops::Embedding(words_, ids);
  if (positions_.has_value()) {
    x = positions_->At(before, ids.size(1)).add(x, RootOf(x.size(2)));
  }
  return dropout_ > 0 ? ops::Dropout(x, dropout_) : x;
}

at::Tensor T5Model::Encode(const Inputs& inputs, const SequenceMask& mask) {
  const at::Tensor words = Words(inputs.at("input_ids"), 0);
  return encoder_(words, encoder_.SpanOf(words, 0, mask.additive), nullptr);
}

}  // namespace cusp::models
