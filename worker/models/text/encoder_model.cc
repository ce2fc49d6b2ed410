#include "worker/models/text/encoder_model.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/random.h"
#include "common/status_macros.h"
#include "worker/models/layers/ops.h"
#include "worker/models/memory_limit.h"
#include "worker/models/text/token_inputs.h"

namespace cusp::models {
namespace {

constexpr int64_t kMaxLayers = 10'000;

EmbeddingOptions EmbeddingOptionsOf(const EncoderOptions& options, const BuildOptions& build) {
  return {.vocab_size = options.vocab_size,
          .hidden_size = options.hidden_size,
          .max_position_embeddings = options.max_position_embeddings,
          .type_vocab_size = options.type_vocab_size,
          .pad_token_id = options.pad_token_id,
          .layer_norm_eps = options.layer_norm_eps,
          .dropout = build.training ? options.hidden_dropout_prob : 0,
          .positions = options.positions};
}

EncoderLayerOptions LayerOptionsOf(const EncoderOptions& options, const BuildOptions& build) {
  return {.hidden_size = options.hidden_size,
          .intermediate_size = options.intermediate_size,
          .activation = options.hidden_act,
          .layer_norm_eps = options.layer_norm_eps,
          .dropout = build.training ? options.hidden_dropout_prob : 0};
}

std::vector<EncoderLayer> MakeLayers(ParameterStore& store, const EncoderOptions& options,
                                     const EncoderVariant& variant, const BuildOptions& build) {
  std::vector<EncoderLayer> layers;
  for (int64_t i = 0; i < options.num_hidden_layers; ++i) {
    const std::string prefix = absl::StrCat("encoder.layer.", i);
    std::unique_ptr<SelfAttention> attention =
        variant.make_attention(store, prefix + ".attention.self", i);
    layers.emplace_back(store, prefix, LayerOptionsOf(options, build), std::move(attention));
  }
  return layers;
}

ParameterStoreOptions StoreOptionsOf(const EncoderOptions& options, const BuildOptions& build) {
  return {.dtype = build.dtype,
          .device = build.device,
          .seed = build.seed,
          .initializer_range = options.initializer_range,
          .training = build.training};
}

at::Tensor Find(const Inputs& inputs, const std::string& name) {
  const auto found = inputs.find(name);
  return found == inputs.end() ? at::Tensor() : found->second;
}

}  // namespace

EncoderOptions ReadEncoderOptions(ConfigReader& config, EncoderOptions defaults) {
  EncoderOptions o = std::move(defaults);
  o.vocab_size = config.Integer("vocab_size", o.vocab_size, 2);
  o.hidden_size = config.Integer("hidden_size", o.hidden_size, 1);
  o.num_hidden_layers = config.Integer("num_hidden_layers", o.num_hidden_layers, 1, kMaxLayers);
  o.num_attention_heads = config.Integer("num_attention_heads", o.num_attention_heads, 1);
  o.intermediate_size = config.Integer("intermediate_size", o.intermediate_size, 1);
  o.max_position_embeddings =
      config.Integer("max_position_embeddings", o.max_position_embeddings, 1);
  o.type_vocab_size = config.Integer("type_vocab_size", o.type_vocab_size, 1);
  o.pad_token_id = config.OptionalInteger("pad_token_id", o.pad_token_id, 0, o.vocab_size - 1);
  o.hidden_dropout_prob = config.Number("hidden_dropout_prob", 0, 0, 0.999);
  o.attention_probs_dropout_prob = config.Number("attention_probs_dropout_prob", 0, 0, 0.999);
  o.initializer_range = config.Number("initializer_range", o.initializer_range, 0, 1e6);
  o.layer_norm_eps = config.Number("layer_norm_eps", o.layer_norm_eps, 0, 1);
  if (config.Has("hidden_act")) {
    const auto activation = ActivationByName(config.Text("hidden_act", "gelu"));
    if (activation.ok()) {
      o.hidden_act = *activation;
    } else {
      config.Fail("hidden_act", std::string(activation.status().message()));
    }
  }
  if (o.hidden_size % o.num_attention_heads != 0) {
    config.Fail(
        "num_attention_heads",
        absl::StrCat(o.num_attention_heads, " does not divide hidden_size = ", o.hidden_size));
  }
  config.Require("is_decoder", false, "only encoders can be built so far");
  config.Require("is_encoder_decoder", false, "only encoders can be built so far");
  config.Require("position_embedding_type", "absolute", "positions are absolute embeddings here");
  config.Require("chunk_size_feed_forward", 0, "the feed-forward runs over the whole sequence");
  config.Require("pruned_heads", nlohmann::json::object(), "every layer has all its heads");
  return o;
}

AttentionShape AttentionShapeOf(const EncoderOptions& options, const BuildOptions& build) {
  return {.hidden_size = options.hidden_size,
          .heads = options.num_attention_heads,
          .dropout = build.training ? options.attention_probs_dropout_prob : 0};
}

absl::Status RequireEager(const BuildOptions& build, const std::string& model_type) {
  if (build.attention == "eager") {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("attention: '", build.attention,
                                                 "' does not exist for ", model_type,
                                                 ", which no fused kernel computes; only eager"));
}

absl::StatusOr<std::unique_ptr<Model>> EncoderModel::Create(const EncoderOptions& options,
                                                            const EncoderVariant& variant,
                                                            const BuildOptions& build) {
  ParameterStore counted = ParameterStore::Counting(StoreOptionsOf(options, build));
  const Embeddings embeddings(counted, EmbeddingOptionsOf(options, build));
  // Layers are alike in size to first order; counting one of them, not
  // thousands, keeps a senseless configuration cheap to refuse.
  const double outside = counted.bytes();
  EncoderOptions one_layer = options;
  one_layer.num_hidden_layers = 1;
  MakeLayers(counted, one_layer, variant, build);
  const double layers =
      (counted.bytes() - outside) * static_cast<double>(options.num_hidden_layers);
  CUSP_RETURN_IF_ERROR(CheckMemory(
      outside + layers, build,
      absl::StrCat("vocab_size ", options.vocab_size, ", hidden_size ", options.hidden_size,
                   ", num_hidden_layers ", options.num_hidden_layers, ", intermediate_size ",
                   options.intermediate_size, ", max_position_embeddings ",
                   options.max_position_embeddings, ", type_vocab_size ",
                   options.type_vocab_size)));
  return std::unique_ptr<Model>(
      new EncoderModel(options, variant, build, ParameterStore(StoreOptionsOf(options, build))));
}

EncoderModel::EncoderModel(const EncoderOptions& options, const EncoderVariant& variant,
                           const BuildOptions& build, ParameterStore store)
    : options_(options),
      variant_(variant),
      build_(build),
      store_(std::move(store)),
      embeddings_(store_, EmbeddingOptionsOf(options, build)),
      layers_(MakeLayers(store_, options, variant, build)) {}

at::Tensor EncoderModel::Forward(const Inputs& inputs) {
  at::Tensor ids = inputs.at("input_ids");
  at::Tensor types = Find(inputs, "token_type_ids");
  const int64_t length = ids.size(1);
  const int64_t padding = (variant_.quantum - length % variant_.quantum) % variant_.quantum;
  SequenceMask mask = MakeSequenceMask(ids, Find(inputs, "attention_mask"), padding, build_.dtype);
  SetGlobalTokens(mask, Find(inputs, "global_attention_mask"), padding);
  if (padding > 0) {
    ids = ops::Pad(ids, {0, padding}, static_cast<double>(options_.pad_token_id.value_or(0)));
    types = types.defined() ? ops::Pad(types, {0, padding}, 0) : types;
  }
  at::Tensor x = embeddings_(ids, types);
  for (EncoderLayer& layer : layers_) {
    x = layer(x, mask);
  }
  return padding > 0 ? x.narrow(1, 0, length) : x;
}

absl::Status EncoderModel::CheckLength(int64_t length) const {
  if (length < variant_.min_length || length > variant_.max_length) {
    return absl::InvalidArgumentError(absl::StrCat("length ", length, " is out of range; from ",
                                                   variant_.min_length, " to ", variant_.max_length,
                                                   ": ", variant_.length_reason));
  }
  return absl::OkStatus();
}

absl::Status EncoderModel::CheckInputs(const Inputs& inputs) const {
  CUSP_RETURN_IF_ERROR(CheckTokenInputs(inputs, {.vocab_size = options_.vocab_size,
                                                 .type_vocab_size = options_.type_vocab_size,
                                                 .global_mask = variant_.takes_global_mask}));
  return Annotate(CheckLength(inputs.at("input_ids").size(1)), "input_ids");
}

absl::StatusOr<Inputs> EncoderModel::RandomInputs(int64_t length, int64_t batch_size,
                                                  uint64_t seed) const {
  CUSP_RETURN_IF_ERROR(CheckLength(length));
  return RandomTokenInputs({.length = length,
                            .batch_size = batch_size,
                            .vocab_size = options_.vocab_size,
                            .avoid = options_.pad_token_id,
                            .device = build_.device},
                           seed);
}

std::vector<std::pair<std::string, at::Tensor>> EncoderModel::NamedTensors() const {
  return store_.tensors();
}

std::vector<at::Tensor> EncoderModel::Parameters() const {
  std::vector<at::Tensor> parameters;
  for (const auto& [name, tensor] : store_.tensors()) {
    parameters.push_back(tensor);
  }
  return parameters;
}

std::string EncoderModel::AttentionUsed() const {
  return layers_.empty() ? "" : layers_.front().attention().KernelUsed();
}

}  // namespace cusp::models
