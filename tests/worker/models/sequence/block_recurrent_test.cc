#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/formula_check.h"
#include "tests/worker/models/identity_check.h"
#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/relative_bias.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kHeads = 2;

nlohmann::json BlockRecurrent(int64_t window, int64_t recurrent_layer) {
  nlohmann::json config = TinyConfig("block_recurrent");
  config["layer_norm_eps"] = 1e-12;
  config["window"] = window;
  config["recurrent_layer"] = recurrent_layer;
  return config;
}

at::Tensor Attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const at::Tensor& additive) {
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(3)));
  return MergeHeads(q.matmul(k.transpose(2, 3)).mul(scale).add(additive).softmax(-1).matmul(v));
}

// The definition with masks over all pairs of tokens, block by block.
class SlowBlockRecurrent {
 public:
  SlowBlockRecurrent(const nlohmann::json& config, const Model& model)
      : config_(config), window_(config.at("window")), tensors_(TensorsOf(model)) {}

  at::Tensor operator()(const Inputs& inputs) const {
    const at::Tensor keep = KeepOf(inputs);
    at::Tensor x = ops::Embedding(tensors_.at("embed_tokens.weight"), inputs.at("input_ids"));
    for (int64_t i = 0; i < config_.at("num_hidden_layers").get<int64_t>(); ++i) {
      x = Layer(Below(tensors_, "layers." + std::to_string(i) + "."), x, keep);
    }
    return SlowNorm(tensors_, "norm", x);
  }

 private:
  static at::Tensor Heads(const SlowTensors& tensors, const char* name, const at::Tensor& x) {
    return SplitHeads(SlowLinear(tensors, name, x), kHeads);
  }

  at::Tensor Layer(const SlowTensors& tensors, const at::Tensor& x, const at::Tensor& keep) const {
    const SlowTensors own = Below(tensors, "attention.");
    const SlowTensors cell = Below(tensors, "recurrence.");
    return SlowPreNormLayer(tensors, x, [&](const at::Tensor& normed) {
      const at::Tensor k = Heads(own, "key", normed);
      const at::Tensor v = Heads(own, "value", normed);
      const at::Tensor mixed = Attention(Heads(own, "query", normed), k, v, WindowBias(keep));
      return cell.empty() ? mixed : ops::Cat({mixed, FromState(cell, normed, k, v, keep)}, 2);
    });
  }

  at::Tensor WindowBias(const at::Tensor& keep) const {
    const at::Tensor place = ops::Arange(keep.size(1), at::kCPU);
    const at::Tensor distance = place.sub(place.unsqueeze(1));
    const at::Tensor buckets =
        RelativeBuckets(distance, {.heads = kHeads,
                                   .buckets = config_.at("relative_attention_num_buckets"),
                                   .max_distance = config_.at("relative_attention_max_distance"),
                                   .bidirectional = false});
    const at::Tensor bias =
        ops::Embedding(tensors_.at("positions.relative_attention_bias.weight"), buckets)
            .permute({2, 0, 1})
            .unsqueeze(0);
    const at::Tensor hidden = distance.gt(0)
                                  .logical_or(distance.le(-window_))
                                  .logical_or(keep.logical_not().unsqueeze(1));
    return bias.masked_fill(hidden.unsqueeze(1), MaskValue(at::kDouble));
  }

  at::Tensor FromState(const SlowTensors& cell, const at::Tensor& x, const at::Tensor& k,
                       const at::Tensor& v, const at::Tensor& keep) const {
    const at::Tensor none = ops::Full({1}, 0, at::kDouble, at::kCPU);
    const at::Tensor q = Heads(cell, "token_query", x);
    at::Tensor state = cell.at("initial_state").unsqueeze(0).expand({x.size(0), -1, -1});
    std::vector<at::Tensor> outputs;
    for (int64_t begin = 0; begin < x.size(1); begin += window_) {
      const int64_t size = std::min(window_, x.size(1) - begin);
      const at::Tensor r = SlowNorm(cell, "norm", state).add(cell.at("state_ids"));
      const at::Tensor keys = Heads(cell, "key", r);
      const at::Tensor values = Heads(cell, "value", r);
      outputs.push_back(Attention(q.narrow(2, begin, size), keys, values, none));
      const at::Tensor real = keep.narrow(1, begin, size);
      const at::Tensor hidden =
          none.expand({x.size(0), 1, 1, size})
              .masked_fill(real.logical_not().view({-1, 1, 1, size}), MaskValue(at::kDouble));
      const at::Tensor own = Attention(Heads(cell, "query", r), keys, values, none);
      const at::Tensor read = Attention(Heads(cell, "block_query", r), k.narrow(2, begin, size),
                                        v.narrow(2, begin, size), hidden);
      const at::Tensor g = cell.at("gate").sigmoid();
      const at::Tensor z = SlowLinear(cell, "output", ops::Cat({own, read}, 2));
      state =
          ops::Where(real.any(1).view({-1, 1, 1}), state.mul(g).add(z.mul(g.neg().add(1))), state);
    }
    return ops::Cat(outputs, 1);
  }

  nlohmann::json config_;
  int64_t window_;
  SlowTensors tensors_;
};

TEST(BlockRecurrentTest, EqualsItsDefinition) {
  for (const int64_t window : {1, 4, 9, 40}) {
    for (const int64_t recurrent : {0, 1}) {
      const nlohmann::json config = BlockRecurrent(window, recurrent);
      const auto model = MustBuild(config, {.dtype = at::kDouble});
      for (const int64_t length : {1, 8, 23, 36}) {
        const Inputs inputs = TinyInputs("block_recurrent", length, 1);
        EXPECT_LT(
            ScaledDifference(Infer(*model, inputs), SlowBlockRecurrent(config, *model)(inputs),
                             inputs.at("attention_mask")),
            1e-9)
            << config << ", length " << length;
      }
    }
  }
}

TEST(BlockRecurrentTest, PaddingAnywhereIsNotSeen) {
  const nlohmann::json config = BlockRecurrent(4, 0);
  const auto model = MustBuild(config, {.dtype = at::kDouble});
  Inputs inputs = TinyInputs("block_recurrent", 24, 1);
  inputs["attention_mask"].select(0, 0).narrow(0, 0, 10).zero_();
  inputs["attention_mask"].select(0, 1).narrow(0, 3, 6).zero_();
  const at::Tensor mask = inputs.at("attention_mask");
  const at::Tensor output = Infer(*model, inputs);
  EXPECT_LT(ScaledDifference(output, SlowBlockRecurrent(config, *model)(inputs), mask), 1e-9);
  inputs["input_ids"] = inputs.at("input_ids").masked_fill(mask.eq(0), 9);
  EXPECT_LT(ScaledDifference(Infer(*model, inputs), output, mask), 1e-12);
}

// Beyond what its layers' windows reach, a token still learns what the state has read.
TEST(BlockRecurrentTest, StateReachesFurtherThanWindows) {
  const auto model = MustBuild(BlockRecurrent(4, 0), {.dtype = at::kDouble});
  const at::Tensor ids = TinyInputs("block_recurrent", 40, 1).at("input_ids");
  const at::Tensor before = Infer(*model, {{"input_ids", ids}});
  at::Tensor changed = ids.clone();
  changed.select(1, 2).fill_(1);
  const at::Tensor after = Infer(*model, {{"input_ids", changed}});
  EXPECT_LT(ScaledDifference(after.narrow(1, 0, 2), before.narrow(1, 0, 2)), 1e-12);
  EXPECT_GT(ScaledDifference(after.narrow(1, 39, 1), before.narrow(1, 39, 1)), 1e-9);
}

TEST(BlockRecurrentTest, PiecesOfAnySizeEqualTheWhole) {
  for (const int64_t window : {1, 4, 9, 40}) {
    for (const int64_t recurrent : {0, 1}) {
      ExpectPiecesEqualTheWhole(
          BlockRecurrent(window, recurrent), 31,
          {std::vector<int64_t>(31, 1), {31}, {4, 4, 1, 9, 13}, {3, 20, 1, 7}});
    }
  }
}

TEST(BlockRecurrentTest, FormulasHoldForAnyWindow) {
  for (const int64_t window : {5, 31, 62, 64}) {
    nlohmann::json config = BlockRecurrent(window, 1);
    config["state_vectors"] = 7;
    ExpectCostsAsCounted(config);
    ExpectParametersAsBuilt(config);
  }
}

TEST(BlockRecurrentTest, LayerWithTheStateSharesNothing) {
  for (const int64_t layers : {1, 2, 4}) {
    for (int64_t recurrent = 0; recurrent < layers; ++recurrent) {
      nlohmann::json config = BlockRecurrent(9, recurrent);
      config.update({{"num_hidden_layers", layers}, {"share_layers", true}});
      ExpectParametersAsBuilt(config);
    }
  }
}

TEST(BlockRecurrentTest, PrunedHeadsLeaveTheStateTheirs) {
  for (const int64_t window : {5, 31, 64}) {
    nlohmann::json config = BlockRecurrent(window, 1);
    config["prune"] = 0.5;
    ExpectCostsAsCounted(config);
    ExpectDecodeCostsAsCounted(config);
  }
}

TEST(BlockRecurrentTest, EveryBackendComputesTheSame) {
  ExpectEveryBackendAgrees(BlockRecurrent(6, 0), TinyInputs("block_recurrent", 23, 1));
}

TEST(BlockRecurrentTest, StateIsInTheThirdLayerFromTheEndUnlessSaid) {
  nlohmann::json config = BlockRecurrent(9, 0);
  config["num_hidden_layers"] = 5;
  config["recurrent_layer"] = nullptr;
  EXPECT_FALSE(Below(TensorsOf(*MustBuild(config)), "layers.2.recurrence.").empty());
}

TEST(BlockRecurrentTest, WhatItIsNotIsRefused) {
  EXPECT_THAT(BuildModel(BlockRecurrent(9, 3).dump(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("use 0 to 2")));
}

}  // namespace
}  // namespace cusp::models
