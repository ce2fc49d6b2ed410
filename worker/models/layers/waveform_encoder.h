// Convolutions that turn a waveform into frames (Baevski et al., "wav2vec 2.0",
// 2020, section 2; the front-end of HuBERT).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "worker/models/layers/activation.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/parameter_store.h"

namespace cusp::models {

struct WaveformEncoderOptions {
  std::vector<int64_t> channels;  // of each convolution; the others are as many
  std::vector<int64_t> kernels;
  std::vector<int64_t> strides;
  bool bias = false;
  // Each convolution's channels are normed; else the first one's alone, over time.
  bool layer_norm = false;
  Activation activation = Activation::kGelu;
};

// Registers PREFIX.conv_layers.i.conv and, where it norms, PREFIX.conv_layers.i.layer_norm.
class WaveformEncoder {
 public:
  WaveformEncoder(ParameterStore& store, const std::string& prefix,
                  const WaveformEncoderOptions& options);

  // x [B, samples] gives [B, frames, channels], not contiguous.
  at::Tensor operator()(const at::Tensor& x) const;
  // Frames of each of the numbers of samples, int64 of any shape.
  at::Tensor Frames(const at::Tensor& samples) const;

 private:
  struct Layer {
    at::Tensor weight, bias, norm_weight, norm_bias;
    int64_t kernel, stride;
  };
  at::Tensor Norm(const Layer& layer, const at::Tensor& x) const;

  bool layer_norm_;
  Activation activation_;
  std::vector<Layer> layers_;
};

// Positions from a convolution over neighbouring frames, whose weight is direction and
// length apart for each tap (weight normalisation). Registers PREFIX.conv.bias and
// PREFIX.conv.parametrizations.weight.original0 and 1.
class ConvPositions {
 public:
  ConvPositions(ParameterStore& store, const std::string& prefix, int64_t hidden_size, int64_t taps,
                int64_t groups, Activation activation);

  // x [B, n, d] gives what is to be added to it.
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  int64_t taps_;
  int64_t groups_;
  Activation activation_;
  at::Tensor bias_;       // [d]
  at::Tensor length_;     // [1, 1, taps]
  at::Tensor direction_;  // [d, d / groups, taps]
};

}  // namespace cusp::models
