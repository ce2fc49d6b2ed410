// Reformer (Kitaev et al., 2020): layers of hashed and of local attention, reversible, so that
// training keeps none of their activations.
#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "catalog/text/reformer_cost.h"
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/axial_positions.h"
#include "worker/models/layers/chunk_attention.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/feed_forward.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/lsh_attention.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/reversible.h"
#include "worker/models/text/token_model.h"

namespace cusp::models {
namespace {

// Dropout of branches and embeddings, 0 outside training.
double HiddenDropout(const Config& config, const BuildOptions& build) {
  return build.training ? config.Real("hidden_dropout_prob") : 0;
}

// Chunks and heads of one kind of attention, "lsh" or "local".
ChunkAttentionOptions AttentionOptionsOf(const Config& config, const BuildOptions& build,
                                         const std::string& kind) {
  const auto key = [&](const char* name) { return config.Int((kind + name).c_str()); };
  const double dropout = config.Real((kind + "_attention_probs_dropout_prob").c_str());
  return {.shape = {.hidden_size = config.Int("hidden_size"),
                    .heads = config.Int("num_attention_heads"),
                    .head_size = config.Int("attention_head_size"),
                    .dropout = build.training ? dropout : 0,
                    .linear = {.bias = false}},
          .reach = {.chunk = key("_attn_chunk_length"),
                    .before = key("_num_chunks_before"),
                    .after = key("_num_chunks_after")},
          .causal = config.Flag("is_decoder")};
}

LshOptions LshOptionsOf(const Config& config, const BuildOptions& build, int64_t layer) {
  const std::optional<int64_t> seed = config.OptionalInt("hash_seed");
  return {.attention = AttentionOptionsOf(config, build, "lsh"),
          .rounds = config.Int("num_hashes"),
          .buckets = [values = config.values()](
                         int64_t tokens) { return catalog::ReformerBuckets(values, tokens); },
          // One seed makes the hashes of all layers alike, as in the reference.
          .seed = seed.has_value() ? static_cast<uint64_t>(*seed)
                                   : build.seed + static_cast<uint64_t>(layer) + 1};
}

std::string LayerName(int64_t layer) { return absl::StrCat("encoder.layers.", layer); }

// The layer whose parameters `layer` uses: where all share, the first of its kind.
std::string ParametersOwner(const ParameterStore& store, const std::vector<std::string>& kinds,
                            int64_t layer) {
  if (!store.options().share_layers) {
    return LayerName(layer);
  }
  const auto first = std::find(kinds.begin(), kinds.end(), kinds[static_cast<size_t>(layer)]);
  return LayerName(first - kinds.begin());
}

std::vector<at::Tensor> ParametersBelow(const ParameterStore& store, const std::string& prefix) {
  std::vector<at::Tensor> parameters;
  for (const auto& [name, tensor] : store.tensors()) {
    if (name.starts_with(prefix + ".")) {
      parameters.push_back(tensor);
    }
  }
  return parameters;
}

class ReformerLayer {
 public:
  ReformerLayer(ParameterStore& store, const Config& config, const BuildOptions& build,
                int64_t layer);

  // Its two parts, for one pass. They refer to this layer.
  ReversiblePart AttentionPart(const SequenceMask& mask);
  ReversiblePart FeedForwardPart();

 private:
  at::Tensor Dropped(const at::Tensor& x) const {
    return dropout_ > 0 ? ops::Dropout(x, dropout_) : x;
  }

  double dropout_;
  double attention_dropout_;
  std::optional<LayerNorm> attention_norm_;
  std::optional<LshAttention> lsh_;
  std::optional<ChunkAttention> local_;
  std::optional<Linear> output_;
  std::vector<at::Tensor> attention_parameters_;
  std::optional<LayerNorm> feed_forward_norm_;
  std::optional<FeedForward> feed_forward_;
  std::vector<at::Tensor> feed_forward_parameters_;
};

ReformerLayer::ReformerLayer(ParameterStore& store, const Config& config, const BuildOptions& build,
                             int64_t layer)
    : dropout_(HiddenDropout(config, build)) {
  const std::vector<std::string> kinds = config.Texts("attn_layers");
  const std::string& kind = kinds[static_cast<size_t>(layer)];
  const std::string prefix = LayerName(layer);
  const std::string owner = ParametersOwner(store, kinds, layer);
  store.ShareLayer(prefix, owner);
  const ChunkAttentionOptions attention = AttentionOptionsOf(config, build, kind);
  const int64_t size = attention.shape.hidden_size;
  const double eps = config.Real("layer_norm_eps");
  attention_dropout_ = attention.shape.dropout;
  const std::string name = prefix + ".attention.self_attention";
  attention_norm_.emplace(store, prefix + ".attention.layer_norm", size, eps);
  if (kind == "lsh") {
    lsh_.emplace(store, name, LshOptionsOf(config, build, layer));
  } else {
    local_.emplace(store, name, attention);
  }
  output_.emplace(store, prefix + ".attention.output.dense", attention.shape.inner_size(), size,
                  LinearOptions{.bias = false});
  feed_forward_norm_.emplace(store, prefix + ".feed_forward.layer_norm", size, eps);
  feed_forward_.emplace(store, prefix + ".feed_forward",
                        FeedForwardOptions{.hidden_size = size,
                                           .intermediate_size = config.Int("feed_forward_size"),
                                           .activation = ActivationOf(config.Text("hidden_act")),
                                           .dropout = dropout_,
                                           .linear = {},
                                           .up = "dense.dense",
                                           .down = "output.dense"});
  attention_parameters_ = ParametersBelow(store, owner + ".attention");
  feed_forward_parameters_ = ParametersBelow(store, owner + ".feed_forward");
}

ReversiblePart ReformerLayer::AttentionPart(const SequenceMask& mask) {
  return {.branch =
              [this, mask](const at::Tensor& x, at::Tensor& kept) {
                Enter(Component::kNorm);
                const at::Tensor normed = (*attention_norm_)(x);
                const at::Tensor mixed =
                    lsh_.has_value() ? (*lsh_)(normed, mask, kept) : (*local_)(normed, mask);
                Enter(Component::kProjection);
                return Dropped((*output_)(mixed));
              },
          .parameters = attention_parameters_,
          .random = dropout_ > 0 || attention_dropout_ > 0};
}

ReversiblePart ReformerLayer::FeedForwardPart() {
  return {.branch =
              [this](const at::Tensor& x, at::Tensor& /*kept*/) {
                Enter(Component::kNorm);
                return Dropped((*feed_forward_)((*feed_forward_norm_)(x)));
              },
          .parameters = feed_forward_parameters_,
          .random = dropout_ > 0};
}

class Reformer : public TokenModel {
 public:
  Reformer(const Config& config, const BuildOptions& build);

  at::Tensor Forward(const Inputs& inputs) override;
  std::string AttentionUsed() const override { return "eager"; }

 private:
  at::Tensor Embedded(const at::Tensor& ids) const;

  nlohmann::json config_;
  double dropout_;
  at::Tensor words_;
  std::optional<AxialPositions> axial_;
  at::Tensor positions_;  // where they are not axial
  std::vector<ReformerLayer> layers_;
  LayerNorm norm_;
};

Reformer::Reformer(const Config& config, const BuildOptions& build)
    : TokenModel(config, build, {}),
      config_(config.values()),
      dropout_(HiddenDropout(config, build)),
      words_(store().Normal("embeddings.word_embeddings.weight",
                            {config.Int("vocab_size"), config.Int("hidden_size")})),
      axial_([&]() -> std::optional<AxialPositions> {
        if (!config.Flag("axial_pos_embds")) {
          return std::nullopt;
        }
        const std::vector<int64_t> shape = config.Ints("axial_pos_shape");
        const std::vector<int64_t> sizes = config.Ints("axial_pos_embds_dim");
        return AxialPositions(store(), "embeddings.position_embeddings",
                              {.shape = {shape[0], shape[1]},
                               .sizes = {sizes[0], sizes[1]},
                               .initializer_range = config.Real("axial_norm_std"),
                               .dropout = dropout_});
      }()),
      positions_(
          axial_.has_value()
              ? at::Tensor()
              : store().Normal("embeddings.position_embeddings.embedding.weight",
                               {config.Int("max_position_embeddings"), config.Int("hidden_size")})),
      layers_([&] {
        std::vector<ReformerLayer> layers;
        for (size_t i = 0; i < config.Texts("attn_layers").size(); ++i) {
          layers.emplace_back(store(), config, build, static_cast<int64_t>(i));
        }
        return layers;
      }()),
      norm_(store(), "encoder.layer_norm", 2 * config.Int("hidden_size"),
            config.Real("layer_norm_eps")) {}

at::Tensor Reformer::Embedded(const at::Tensor& ids) const {
  const auto dropped = [&](const at::Tensor& x) {
    return dropout_ > 0 ? ops::Dropout(x, dropout_) : x;
  };
  const at::Tensor positions = axial_.has_value() ? (*axial_)(ids.size(0), ids.size(1))
                                                  : dropped(positions_.narrow(0, 0, ids.size(1)));
  return dropped(ops::Embedding(words_, ids)).add_(positions);
}

at::Tensor Reformer::Forward(const Inputs& inputs) {
  Enter(Component::kEmbedding);
  const at::Tensor& ids = inputs.at("input_ids");
  const int64_t length = ids.size(1);
  const int64_t padding = catalog::ReformerTokens(config_, length) - length;
  const SequenceMask mask =
      MakeSequenceMask(ids, FindInput(inputs, "attention_mask"), padding, build().dtype);
  at::Tensor x = Embedded(ids);
  // Only now, so that padding takes no positions.
  x = padding > 0 ? ops::Pad(x, {0, 0, 0, padding}, 0) : x;
  std::vector<ReversiblePart> parts;
  for (ReformerLayer& layer : layers_) {
    parts.push_back(layer.AttentionPart(mask));
    parts.push_back(layer.FeedForwardPart());
  }
  x = RunReversible(std::move(parts), x);
  Enter(Component::kNorm);
  x = norm_(padding > 0 ? x.narrow(1, 0, length) : x);
  return dropout_ > 0 ? ops::Dropout(x, dropout_) : x;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildReformer(const Config& config,
                                                     const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "reformer"));
  return std::make_unique<Reformer>(config, build);
}

}  // namespace cusp::models
