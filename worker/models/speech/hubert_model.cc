#include "worker/models/speech/hubert_model.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/text/encoder.h"
#include "common/status_macros.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"
#include "worker/models/signal_inputs.h"

namespace cusp::models {
namespace {

double DropoutOf(const Config& config, const char* key, const BuildOptions& build) {
  return build.training ? config.Real(key) : 0;
}

WaveformEncoderOptions WaveformOptionsOf(const Config& config) {
  return {.channels = config.Ints("conv_dim"),
          .kernels = config.Ints("conv_kernel"),
          .strides = config.Ints("conv_stride"),
          .bias = config.Flag("conv_bias"),
          .layer_norm = config.Text("feat_extract_norm") == "layer",
          .activation = ActivationOf(config.Text("feat_extract_activation"))};
}

BlockOptions BlockOptionsOf(const Config& config, const BuildOptions& build) {
  const bool stable = config.Flag("do_stable_layer_norm");
  return {.hidden_size = config.Int("hidden_size"),
          .attention_size = static_cast<int64_t>(catalog::InnerSize(config.values())),
          .intermediate_size = config.Int("intermediate_size"),
          .activation = ActivationOf(config.Text("hidden_act")),
          .layer_norm_eps = config.Real("layer_norm_eps"),
          .dropout = DropoutOf(config, "hidden_dropout", build),
          .activation_dropout = DropoutOf(config, "activation_dropout", build),
          .norm = stable ? NormPlace::kBefore : NormPlace::kAfter,
          .names = {.attention_output = "attention.out_proj",
                    .attention_norm = "layer_norm",
                    .feed_forward_in = "feed_forward.intermediate_dense",
                    .feed_forward_out = "feed_forward.output_dense",
                    .feed_forward_norm = "final_layer_norm"}};
}

std::unique_ptr<LayerNorm> ProjectionNorm(ParameterStore& store, const Config& config) {
  if (!config.Flag("feat_proj_layer_norm")) {
    return nullptr;
  }
  return std::make_unique<LayerNorm>(store, "feature_projection.layer_norm",
                                     config.Ints("conv_dim").back(), config.Real("layer_norm_eps"));
}

}  // namespace

AttentionShape HubertAttentionShape(const Config& config, const BuildOptions& build) {
  return {.hidden_size = config.Int("hidden_size"),
          .heads = config.Int("num_attention_heads"),
          .head_size = catalog::HeadSize(config.values()),
          .dropout = DropoutOf(config, "attention_dropout", build),
          .names = {.query = "q_proj", .key = "k_proj", .value = "v_proj"}};
}

HubertModel::HubertModel(const Config& config, const HubertVariant& variant,
                         const BuildOptions& build)
    : StoredModel(config, build),
      stable_(config.Flag("do_stable_layer_norm")),
      frame_quantum_(variant.frame_quantum),
      dropout_(DropoutOf(config, "hidden_dropout", build)),
      projection_dropout_(DropoutOf(config, "feat_proj_dropout", build)),
      layer_drop_(DropoutOf(config, "layerdrop", build)),
      waveform_(store(), "feature_extractor", WaveformOptionsOf(config)),
      projection_norm_(ProjectionNorm(store(), config)),
      projection_(store(), "feature_projection.projection", config.Ints("conv_dim").back(),
                  config.Int("hidden_size")),
      positions_(store(), "encoder.pos_conv_embed", config.Int("hidden_size"),
                 config.Int("num_conv_pos_embeddings"), config.Int("num_conv_pos_embedding_groups"),
                 ActivationOf(config.Text("feat_extract_activation"))),
      norm_(store(), "encoder.layer_norm", config.Int("hidden_size"),
            config.Real("layer_norm_eps")),
      run_(store()) {
  const BlockOptions block = BlockOptionsOf(config, build);
  for (int64_t i = 0; i < config.Int("num_hidden_layers"); ++i) {
    const std::string prefix = absl::StrCat("encoder.layers.", i);
    store().ShareLayer(prefix, "encoder.layers.0");
    attentions_.push_back(variant.make_attention(store(), prefix + ".attention"));
    blocks_.emplace_back(store(), prefix, block);
  }
}

at::Tensor HubertModel::Forward(const Inputs& inputs) {
  SequenceMask mask;
  at::Tensor x = Embed(inputs, mask);
  const int64_t frames = x.size(1);
  const int64_t padding = (frame_quantum_ - frames % frame_quantum_) % frame_quantum_;
  mask = MakeSequenceMask(x.select(2, 0), mask.keep, padding, build().dtype);
  if (padding > 0) {
    x = ops::Pad(x, {0, 0, 0, padding}, 0);
  }
  for (size_t i = 0; i < blocks_.size(); ++i) {
    if (DropsLayer()) {
      continue;
    }
    x = run_(x, [this, i, mask](const at::Tensor& y) {
      return blocks_[i](y, [&](const at::Tensor& z) { return attentions_[i]->Forward(z, mask); });
    });
  }
  x = padding > 0 ? x.narrow(1, 0, frames) : x;
  return stable_ ? norm_(x) : x;
}

at::Tensor HubertModel::Embed(const Inputs& inputs, SequenceMask& mask) const {
  Enter(Component::kFrontEnd);
  const auto given = inputs.find("attention_mask");
  at::Tensor x = Project(waveform_(inputs.at("input_values").to(build().dtype)));
  Enter(Component::kEmbedding);
  if (given != inputs.end()) {
    const at::Tensor frames = waveform_.Frames(given->second.to(at::kLong).sum(1, true));
    mask.keep = ops::Arange(x.size(1), x.device()).unsqueeze(0).lt(frames);
    x = x.masked_fill(mask.keep.logical_not().unsqueeze(-1), 0);
  }
  x = x.add(positions_(x));
  if (!stable_) {
    Enter(Component::kNorm);
    x = norm_(x);
  }
  return dropout_ > 0 ? ops::Dropout(x, dropout_) : x;
}

at::Tensor HubertModel::Project(const at::Tensor& frames) const {
  const at::Tensor x =
      projection_(projection_norm_ == nullptr ? frames : (*projection_norm_)(frames));
  return projection_dropout_ > 0 ? ops::Dropout(x, projection_dropout_) : x;
}

bool HubertModel::DropsLayer() const {
  // Drawn by the host, which decides.
  return layer_drop_ > 0 &&
         ops::Empty({1}, at::kDouble, at::kCPU).uniform_().item<double>() < layer_drop_;
}

absl::Status HubertModel::CheckInputs(const Inputs& inputs) const {
  CUSP_RETURN_IF_ERROR(CheckSignal(inputs, "input_values", {"attention_mask"}));
  const at::Tensor& wave = inputs.at("input_values");
  if (wave.dim() != 2 || wave.numel() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "input_values: expected [batch, samples], neither 0, got ", ShapeAndType(wave)));
  }
  CUSP_RETURN_IF_ERROR(Annotate(CheckLength(wave.size(1)), "input_values"));
  const auto mask = inputs.find("attention_mask");
  if (mask == inputs.end()) {
    return absl::OkStatus();
  }
  if (mask->second.sizes() != wave.sizes()) {
    return absl::InvalidArgumentError(
        absl::StrCat("attention_mask: got ", ShapeAndType(mask->second),
                     ", which differs from input_values, ", ShapeAndType(wave)));
  }
  if (mask->second.ne(0).logical_and(mask->second.ne(1)).any().item<bool>()) {
    return absl::InvalidArgumentError("attention_mask: values must be 0 or 1");
  }
  const int64_t shortest = mask->second.to(at::kLong).sum(1).min().item<int64_t>();
  return Annotate(CheckLength(shortest), "attention_mask: its shortest row");
}

absl::StatusOr<Inputs> HubertModel::RandomInputs(int64_t length, int64_t batch_size,
                                                 uint64_t seed) const {
  CUSP_RETURN_IF_ERROR(CheckLength(length));
  CUSP_ASSIGN_OR_RETURN(at::Tensor wave, RandomSignal({batch_size, length}, build(), seed));
  return Inputs{{"input_values", std::move(wave)}};
}

std::string HubertModel::AttentionUsed() const {
  return attentions_.empty() ? "" : attentions_.front()->KernelUsed();
}

}  // namespace cusp::models
