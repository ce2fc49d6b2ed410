#include "worker/models/layers/waveform_encoder.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

const WaveformEncoderOptions kOptions = {.channels = {4, 3},
                                         .kernels = {10, 3},
                                         .strides = {5, 2},
                                         .bias = true,
                                         .activation = Activation::kLinear};

TEST(WaveformEncoderTest, FrameIsTheSumOverItsReceptiveField) {
  ParameterStore store({.initializer_range = 0.5});
  const WaveformEncoder encoder(store, "f", kOptions);
  const auto tensor = [&](size_t i) { return store.tensors()[i].second; };
  ASSERT_EQ(store.tensors()[4].first, "f.conv_layers.1.conv.weight");
  const at::Tensor wave = RandomNormal({2, 47}, 1);
  const at::Tensor frames = encoder(wave);
  ASSERT_EQ(frames.sizes(), at::IntArrayRef({2, 3, 3}));
  // The first convolution makes 8 of 47, normed over time; the second 3 of these.
  const at::Tensor cut = wave.unfold(1, 10, 5);
  const at::Tensor first = cut.matmul(tensor(0).view({4, 10}).t());
  const at::Tensor centred = first.sub(first.mean(1, true));
  const at::Tensor normed = centred.div(centred.square().mean(1, true).add(1e-5).sqrt());
  const at::Tensor second = normed.unfold(1, 3, 2).flatten(2).matmul(tensor(4).flatten(1).t());
  EXPECT_LT(ScaledDifference(frames, second), 1e-5);
}

TEST(WaveformEncoderTest, LayerNormComesAfterEachConvolution) {
  ParameterStore store({.initializer_range = 0.5});
  WaveformEncoderOptions options = kOptions;
  options.layer_norm = true;
  const WaveformEncoder encoder(store, "f", options);
  EXPECT_EQ(store.tensors().size(), 8U);
  const at::Tensor frames = encoder(RandomNormal({1, 90}, 1));
  EXPECT_LT(frames.mean(-1).abs().max().item<double>(), 1e-5);
}

TEST(WaveformEncoderTest, CountsFramesAsTheConvolutionsMakeThem) {
  ParameterStore store({});
  const WaveformEncoder encoder(store, "f", kOptions);
  for (const int64_t samples : {20, 24, 25, 29, 30, 47, 101}) {
    const at::Tensor counted = encoder.Frames(ops::Full({1}, double(samples), at::kLong, at::kCPU));
    EXPECT_EQ(counted.item<int64_t>(), encoder(RandomNormal({1, samples}, 1)).size(1)) << samples;
  }
}

TEST(ConvPositionsTest, LengthScalesEachTap) {
  for (const int64_t taps : {3, 4}) {
    ParameterStore store({.initializer_range = 0.5});
    const ConvPositions positions(store, "p", 6, taps, 2, Activation::kLinear);
    at::Tensor bias = store.tensors()[0].second;
    at::Tensor direction = store.tensors()[1].second;
    at::Tensor length = store.tensors()[2].second;
    bias.fill_(0.25);
    const at::Tensor x = RandomNormal({1, 9, 6}, 1);
    const at::Tensor before = positions(x);
    EXPECT_EQ(before.sizes(), x.sizes());
    // At first lengths are those of the directions, so that the weight is the direction.
    const at::Tensor seen = x.select(0, 0).narrow(1, 0, 3).narrow(0, 4 - taps / 2, taps);
    const at::Tensor expected = seen.t().mul(direction.select(0, 1)).sum().add(0.25);
    EXPECT_LT(ScaledDifference(before.select(1, 4).select(1, 1), expected.view({1})), 1e-5);
    direction.mul_(7);
    EXPECT_LT(ScaledDifference(positions(x), before), 1e-5);
    length.mul_(2);
    EXPECT_LT(ScaledDifference(positions(x), before.mul(2).sub(0.25)), 1e-5);
  }
}

}  // namespace
}  // namespace cusp::models
