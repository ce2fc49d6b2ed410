#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

double Gamma(int64_t head) { return 1 - std::pow(2.0, static_cast<double>(-5 - head)); }

// x [B, h, n, d_h]; features i and i + d_h / 2 turned by t * 10000^(-2 i / d_h) at token t, an
// angle that is rounded to float32 in every model.
at::Tensor Turned(const at::Tensor& x) {
  const int64_t half = x.size(3) / 2;
  at::Tensor turned = x.clone();
  for (int64_t i = 0; i < half; ++i) {
    const float exponent = static_cast<float>(i) / static_cast<float>(half);
    const float frequency = 1.0F / std::pow(10000.0F, exponent);
    for (int64_t t = 0; t < x.size(2); ++t) {
      const auto angle = static_cast<double>(static_cast<float>(t) * frequency);
      const at::Tensor first = x.select(2, t).select(2, i);
      const at::Tensor second = x.select(2, t).select(2, i + half);
      turned.select(2, t).select(2, i).copy_(
          first.mul(std::cos(angle)).sub(second.mul(std::sin(angle))));
      turned.select(2, t)
          .select(2, i + half)
          .copy_(second.mul(std::cos(angle)).add(first.mul(std::sin(angle))));
    }
  }
  return turned;
}

// Every head normed and gated.
at::Tensor Finished(const SlowLayer& layer, const at::Tensor& o) {
  const at::Tensor scaled = o.div(std::sqrt(static_cast<double>(o.size(3))));
  const at::Tensor centred = scaled.sub(scaled.mean(-1, true));
  const at::Tensor gate = layer.Heads("gate");
  return centred.div(centred.square().mean(-1, true).add(1e-12).sqrt())
      .mul(gate)
      .mul(gate.sigmoid());
}

at::Tensor Values(const SlowLayer& layer) {
  const at::Tensor v = layer.Heads("value");
  return v.mul(layer.keep.to(at::kDouble).view({v.size(0), 1, v.size(2), 1}));
}

// The parallel form: (Q K^T * D) V with D_ij = gamma^(i - j) where j <= i.
at::Tensor InParallel(const SlowLayer& layer) {
  at::Tensor scores =
      Turned(layer.Heads("query")).matmul(Turned(layer.Heads("key")).transpose(2, 3));
  const at::Tensor place = ops::Arange(scores.size(3), at::kCPU).to(at::kDouble);
  const at::Tensor distance = place.unsqueeze(1).sub(place);
  for (int64_t h = 0; h < layer.heads; ++h) {
    scores.select(1, h).mul_(distance.mul(std::log(Gamma(h))).exp().mul(distance.ge(0)));
  }
  return Finished(layer, scores.matmul(Values(layer)));
}

// The recurrent form, token by token.
at::Tensor InTurn(const SlowLayer& layer) {
  const at::Tensor q = Turned(layer.Heads("query"));
  const at::Tensor k = Turned(layer.Heads("key"));
  const at::Tensor v = Values(layer);
  at::Tensor gamma = ops::Full({1, layer.heads, 1, 1}, 0, at::kDouble, at::kCPU);
  for (int64_t h = 0; h < layer.heads; ++h) {
    gamma.select(1, h).fill_(Gamma(h));
  }
  at::Tensor state =
      ops::Full({q.size(0), q.size(1), q.size(3), v.size(3)}, 0, at::kDouble, at::kCPU);
  std::vector<at::Tensor> outputs;
  for (int64_t t = 0; t < q.size(2); ++t) {
    state = state.mul(gamma).add(k.select(2, t).unsqueeze(-1).mul(v.select(2, t).unsqueeze(-2)));
    outputs.push_back(q.select(2, t).unsqueeze(-2).matmul(state));
  }
  return Finished(layer, ops::Cat(outputs, 2));
}

// Sines and cosines are float32, too.
constexpr double kTolerance = 1e-6;

TEST(RetnetTest, ChunksEqualTheParallelAndTheRecurrentForm) {
  for (const int64_t heads : {1, 2, 4}) {
    // The longest takes every length at once.
    for (const int64_t chunk : {1, 5, 16, 512}) {
      nlohmann::json config = TinyConfig("retnet");
      config["num_attention_heads"] = heads;
      config["chunk_size"] = chunk;
      ExpectEqualsSlowly(config, {1, 2, 13, 24, 64}, InParallel, kTolerance);
      ExpectEqualsSlowly(config, {1, 2, 13, 24, 64}, InTurn, kTolerance);
    }
  }
}

// By half the longest chunk the fastest head has forgotten all but e^-8.
TEST(RetnetTest, LongestChunkLosesNoPrecision) {
  nlohmann::json config = TinyConfig("retnet");
  config["max_position_embeddings"] = 600;
  std::vector<at::Tensor> outputs;
  for (const int64_t chunk : {7, 512}) {
    config["chunk_size"] = chunk;
    const auto model = MustBuild(config);
    outputs.push_back(Infer(*model, *model->RandomInputs(600, 1, 1)));
  }
  EXPECT_LT(ScaledDifference(outputs[1], outputs[0]), 1e-4);
}

TEST(RetnetTest, OddHeadsAndTwoDirectionsAreRefused) {
  nlohmann::json config = TinyConfig("retnet");
  config["num_attention_heads"] = 16;
  EXPECT_THAT(BuildModel(config.dump(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("heads of size 1")));
  config["num_attention_heads"] = 2;
  config["is_decoder"] = false;
  EXPECT_THAT(BuildModel(config.dump(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("causal by definition")));
}

}  // namespace
}  // namespace cusp::models
