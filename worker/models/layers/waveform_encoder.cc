#include "worker/models/layers/waveform_encoder.h"

#include "absl/strings/str_cat.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/ops_conv.h"

namespace cusp::models {
namespace {

constexpr double kEps = 1e-5;

// Length of the direction at each tap, [1, 1, taps].
at::Tensor LengthOf(const at::Tensor& direction) {
  return direction.norm(2, at::IntArrayRef{0, 1}, /*keepdim=*/true);
}

}  // namespace

WaveformEncoder::WaveformEncoder(ParameterStore& store, const std::string& prefix,
                                 const WaveformEncoderOptions& options)
    : layer_norm_(options.layer_norm), activation_(options.activation) {
  int64_t in = 1;
  for (size_t i = 0; i < options.channels.size(); ++i) {
    const std::string name = absl::StrCat(prefix, ".conv_layers.", i);
    const int64_t out = options.channels[i];
    Layer layer;
    layer.kernel = options.kernels[i];
    layer.stride = options.strides[i];
    layer.weight = store.Normal(name + ".conv.weight", {out, in, layer.kernel});
    if (options.bias) {
      layer.bias = store.Constant(name + ".conv.bias", {out}, 0);
    }
    if (layer_norm_ || i == 0) {
      layer.norm_weight = store.Constant(name + ".layer_norm.weight", {out}, 1);
      layer.norm_bias = store.Constant(name + ".layer_norm.bias", {out}, 0);
    }
    layers_.push_back(layer);
    in = out;
  }
}

at::Tensor WaveformEncoder::operator()(const at::Tensor& x) const {
  at::Tensor y = x.unsqueeze(1);
  for (const Layer& layer : layers_) {
    y = ops::Conv1d(y, layer.weight, layer.bias, {.stride = layer.stride});
    y = Activate(activation_, Norm(layer, y));
  }
  return y.transpose(1, 2);
}

at::Tensor WaveformEncoder::Norm(const Layer& layer, const at::Tensor& x) const {
  if (!layer.norm_weight.defined()) {
    return x;
  }
  if (!layer_norm_) {
    // A group for each channel: over time alone.
    return ops::GroupNorm(x, x.size(1), layer.norm_weight, layer.norm_bias, kEps);
  }
  return ops::LayerNorm(x.transpose(1, 2), layer.norm_weight, layer.norm_bias, kEps)
      .transpose(1, 2);
}

at::Tensor WaveformEncoder::Frames(const at::Tensor& samples) const {
  at::Tensor frames = samples;
  for (const Layer& layer : layers_) {
    frames = frames.sub(layer.kernel).floor_divide(layer.stride).add(1);
  }
  return frames;
}

ConvPositions::ConvPositions(ParameterStore& store, const std::string& prefix, int64_t hidden_size,
                             int64_t taps, int64_t groups, Activation activation)
    : taps_(taps),
      groups_(groups),
      activation_(activation),
      bias_(store.Constant(prefix + ".conv.bias", {hidden_size}, 0)),
      direction_(store.Normal(prefix + ".conv.parametrizations.weight.original1",
                              {hidden_size, hidden_size / groups, taps})) {
  length_ = store.Of(prefix + ".conv.parametrizations.weight.original0",
                     LengthOf(direction_.detach().to(at::kFloat).cpu()));
}

at::Tensor ConvPositions::operator()(const at::Tensor& x) const {
  const at::Tensor weight = direction_.mul(length_.div(LengthOf(direction_)));
  const at::Tensor y =
      ops::Conv1d(x.transpose(1, 2), weight, bias_, {.padding = taps_ / 2, .groups = groups_});
  // An even number of taps makes one frame too many.
  return Activate(activation_, y.narrow(2, 0, x.size(1))).transpose(1, 2);
}

}  // namespace cusp::models
