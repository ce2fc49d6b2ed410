#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {
namespace {

struct Head {
  at::Tensor q, k, v;  // [padded n, d_h]
  at::Tensor keep;     // [padded n]
};

at::Tensor BlockOf(const at::Tensor& x, int64_t i, int64_t block) {
  return x.narrow(0, i * block, block);
}

at::Tensor MeanOf(const at::Tensor& x, const at::Tensor& keep) {
  return x.mul(keep.unsqueeze(1)).sum(0).div(keep.sum().clamp_min(1));
}

// R between blocks, balanced.
at::Tensor SortingOf(const Head& head, int64_t block, const nlohmann::json& config) {
  const int64_t blocks = head.q.size(0) / block;
  at::Tensor r = ops::Empty({blocks, blocks}, at::kDouble, at::kCPU);
  const double scale =
      std::sqrt(static_cast<double>(head.q.size(1))) * config.at("temperature").get<double>();
  for (int64_t i = 0; i < blocks; ++i) {
    for (int64_t j = 0; j < blocks; ++j) {
      const at::Tensor q = MeanOf(BlockOf(head.q, i, block), BlockOf(head.keep, i, block));
      const at::Tensor k = MeanOf(BlockOf(head.k, j, block), BlockOf(head.keep, j, block));
      r.select(0, i).select(0, j).copy_(q.dot(k).div(scale));
    }
  }
  for (int64_t i = 0; i < config.at("sinkhorn_iterations").get<int64_t>(); ++i) {
    r = r.sub(r.logsumexp({1}, true));
    r = r.sub(r.logsumexp({0}, true));
  }
  return r.exp();
}

at::Tensor OneHead(const Head& head, int64_t block, const nlohmann::json& config) {
  const at::Tensor r = SortingOf(head, block, config);
  const double scale = std::sqrt(static_cast<double>(head.q.size(1)));
  std::vector<at::Tensor> outputs;
  for (int64_t i = 0; i < r.size(0); ++i) {
    at::Tensor keys = BlockOf(head.k, i, block).mul(0);
    at::Tensor values = keys;
    for (int64_t j = 0; j < r.size(0); ++j) {
      const at::Tensor part =
          BlockOf(head.keep, j, block).unsqueeze(1).mul(r.select(0, i).select(0, j));
      keys = keys.add(BlockOf(head.k, j, block).mul(part));
      values = values.add(BlockOf(head.v, j, block).mul(part));
    }
    const at::Tensor q = BlockOf(head.q, i, block);
    const at::Tensor own =
        q.mm(BlockOf(head.k, i, block).t())
            .div(scale)
            .masked_fill(BlockOf(head.keep, i, block).eq(0), MaskValue(at::kDouble));
    const at::Tensor weights = ops::Cat({q.mm(keys.t()).div(scale), own}, 1).softmax(1);
    outputs.push_back(weights.mm(ops::Cat({values, BlockOf(head.v, i, block)}, 0)));
  }
  return ops::Cat(outputs, 0);
}

SlowAttention ByDefinition(const nlohmann::json& config) {
  return [config](const SlowLayer& layer) {
    const int64_t block = config.at("block_size").get<int64_t>();
    const int64_t n = layer.x.size(1);
    const int64_t padding = (block - n % block) % block;
    std::vector<at::Tensor> samples;
    for (int64_t b = 0; b < layer.x.size(0); ++b) {
      std::vector<at::Tensor> heads;
      for (int64_t h = 0; h < layer.heads; ++h) {
        const auto part = [&](const char* name) {
          return ops::Pad(layer.Heads(name).select(0, b).select(0, h), {0, 0, 0, padding}, 0);
        };
        const at::Tensor keep = ops::Pad(layer.keep.select(0, b).to(at::kDouble), {0, padding}, 0);
        heads.push_back(OneHead({part("query"), part("key"), part("value"), keep}, block, config)
                            .narrow(0, 0, n)
                            .view({1, 1, n, -1}));
      }
      samples.push_back(ops::Cat(heads, 1));
    }
    return ops::Cat(samples, 0);
  };
}

TEST(SinkhornTest, EqualsItsDefinition) {
  for (const int64_t heads : {1, 4}) {
    for (const int64_t block : {1, 3, 8, 30}) {
      nlohmann::json config = TinyConfig("sinkhorn");
      config["num_attention_heads"] = heads;
      config["block_size"] = block;
      ExpectEqualsSlowly(config, {1, 2, 13, 24}, ByDefinition(config));
    }
  }
}

TEST(SinkhornTest, TemperatureAndIterationsCount) {
  for (const int64_t iterations : {0, 1, 12}) {
    nlohmann::json config = TinyConfig("sinkhorn");
    config["temperature"] = 0.3;
    config["sinkhorn_iterations"] = iterations;
    ExpectEqualsSlowly(config, {31}, ByDefinition(config));
  }
}

TEST(SinkhornTest, OneBlockIsFullAttention) {
  nlohmann::json config = TinyConfig("sinkhorn");
  config["block_size"] = kTinyLength;
  Inputs inputs = TinyInputs("sinkhorn", kTinyLength, 1);
  inputs.erase("attention_mask");
  EXPECT_LT(ScaledDifference(Infer(*MustBuild(config), inputs),
                             Infer(*MustBuild(TinyConfig("bert")), inputs)),
            1e-5);
}

}  // namespace
}  // namespace cusp::models
