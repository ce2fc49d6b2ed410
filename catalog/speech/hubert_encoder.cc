#include "catalog/speech/hubert_encoder.h"

#include <algorithm>
#include <string>
#include <vector>

namespace cusp::catalog {

using Json = nlohmann::json;

namespace {

constexpr int64_t kHour = int64_t{3600} * 16'000;
constexpr size_t kMostConvolutions = 32;

std::vector<int64_t> List(const Json& config, const char* key) {
  return config.at(key).get<std::vector<int64_t>>();
}

// Samples that one frame is made of; more than an hour stands for all beyond it.
int64_t ReceptiveField(const Json& config) {
  const auto kernels = List(config, "conv_kernel");
  const auto strides = List(config, "conv_stride");
  int64_t samples = 1;
  for (size_t i = kernels.size(); i-- > 0 && samples <= kHour;) {
    samples = (samples - 1) * strides[i] + kernels[i];
  }
  return samples;
}

}  // namespace

std::optional<ConfigFault> CheckHubert(const ConfigCheck& check) {
  if (auto fault = CheckHeads(check)) {
    return fault;
  }
  const size_t convolutions = check.config.at("conv_dim").size();
  for (const char* key : {"conv_kernel", "conv_stride"}) {
    if (const size_t listed = check.config.at(key).size(); listed != convolutions) {
      return ConfigFault{key, std::string(key) + " lists " + std::to_string(listed) +
                                  " values for " + std::to_string(convolutions) +
                                  " convolutions in conv_dim; give one for each"};
    }
  }
  if (convolutions > kMostConvolutions || ReceptiveField(check.config) > kHour) {
    return ConfigFault{"conv_kernel",
                       "the convolutions make one frame of more than an hour, or are more than 32; "
                       "use fewer, or smaller strides"};
  }
  const int64_t hidden = Int(check.config, "hidden_size");
  const int64_t groups = Int(check.config, "num_conv_pos_embedding_groups");
  if (hidden % groups != 0) {
    return ConfigFault{"num_conv_pos_embedding_groups",
                       "hidden_size " + std::to_string(hidden) +
                           " is not a multiple of num_conv_pos_embedding_groups " +
                           std::to_string(groups) + "; change one of them"};
  }
  return std::nullopt;
}

void ShapeHubert(const Preset& preset, Json& config) {
  UsualShape(preset, config);
  const int64_t channels = std::min<int64_t>(512, preset.hidden_size * 2 / 3 / 16 * 16);
  config["conv_dim"] = Json(size_t{7}, channels);
}

int64_t Frames(const Json& config, int64_t samples) {
  const auto kernels = List(config, "conv_kernel");
  const auto strides = List(config, "conv_stride");
  for (size_t i = 0; i < kernels.size(); ++i) {
    samples = samples < kernels[i] ? 0 : (samples - kernels[i]) / strides[i] + 1;
  }
  return samples;
}

int64_t FrameStride(const Json& config) {
  int64_t samples = 1;
  for (const int64_t stride : List(config, "conv_stride")) {
    samples = std::min(samples * stride, kHour);
  }
  return samples;
}

int64_t FrameSlack(const Json& config) { return ReceptiveField(config) - 1; }

LengthLimits HubertLimits(const Json& config, bool /*profiling*/) {
  const int64_t first = ReceptiveField(config);
  return {.min = first,
          .min_reason = "its first frame takes " + std::to_string(first) + " samples",
          .max = kHour,
          .max_reason = "no recording longer than an hour is taken"};
}

double HubertParameters(const Json& config) {
  const double d = Real(config, "hidden_size");
  const auto dims = List(config, "conv_dim");
  const auto kernels = List(config, "conv_kernel");
  const bool layer_norms = config.at("feat_extract_norm") == "layer";
  double total = 0;
  double in = 1;
  for (size_t i = 0; i < dims.size(); ++i) {
    const auto out = static_cast<double>(dims[i]);
    total += out * in * static_cast<double>(kernels[i]) + (Flag(config, "conv_bias") ? out : 0);
    total += layer_norms || i == 0 ? 2 * out : 0;
    in = out;
  }
  total += (Flag(config, "feat_proj_layer_norm") ? 2 * in : 0) + in * d + d;
  const double taps = Real(config, "num_conv_pos_embeddings");
  total += d + taps + d * d / Real(config, "num_conv_pos_embedding_groups") * taps;
  return total + 2 * d + Real(config, "num_hidden_layers") * EncoderLayerParameters(config);
}

void HubertCost(const Json& config, int64_t samples, int64_t frames, CostTally& tally,
                const std::function<void()>& mixing) {
  const auto dims = List(config, "conv_dim");
  const auto kernels = List(config, "conv_kernel");
  const auto strides = List(config, "conv_stride");
  const double batch = tally.batch();
  double in = 1;
  for (size_t i = 0; i < dims.size(); ++i) {
    const int64_t made = (samples - kernels[i]) / strides[i] + 1;
    // Samples have no gradient.
    tally.Convolution(Component::kFrontEnd,
                      {.inputs = batch * static_cast<double>(samples),
                       .in = in,
                       .outputs = batch * static_cast<double>(made),
                       .out = static_cast<double>(dims[i]),
                       .groups = 1,
                       .taps = static_cast<double>(kernels[i])},
                      i == 0 ? Gradients::kOne : Gradients::kBoth);
    in = static_cast<double>(dims[i]);
    samples = made;
  }
  const double d = Real(config, "hidden_size");
  const double rows = batch * static_cast<double>(samples);
  tally.Linear(Component::kFrontEnd, rows, in, d);
  const int64_t taps = Int(config, "num_conv_pos_embeddings");
  // An even number of taps makes one frame more than there are, cut off again.
  tally.Convolution(Component::kEmbedding, {.inputs = rows,
                                            .in = d,
                                            .outputs = taps % 2 == 0 ? rows + batch : rows,
                                            .out = d,
                                            .groups = Real(config, "num_conv_pos_embedding_groups"),
                                            .taps = static_cast<double>(taps)});
  EncoderCost(config, frames, tally, mixing);
}

}  // namespace cusp::catalog
