#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/formula_check.h"
#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/config.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

// The Transformer written out, in float64.
class SlowTransduction {
 public:
  SlowTransduction(const nlohmann::json& config, const Model& model)
      : heads_(config.at("num_heads")), layers_(config.at("num_layers")), all_(TensorsOf(model)) {}

  at::Tensor Encoded(const at::Tensor& ids, const at::Tensor& keep) const {
    at::Tensor x = Words(ids);
    for (int64_t i = 0; i < layers_; ++i) {
      const std::string layer = "encoder.block." + std::to_string(i) + ".layer.";
      const at::Tensor normed = Norm(layer + "0.layer_norm", x);
      x = x.add(Attention(layer + "0.SelfAttention", normed, normed, keep.unsqueeze(1)));
      x = x.add(FeedForward(layer + "1", x));
    }
    return Norm("encoder.final_layer_norm", x);
  }

  at::Tensor Decoded(const at::Tensor& ids, const at::Tensor& keep, const at::Tensor& source,
                     const at::Tensor& source_keep) const {
    at::Tensor x = Words(ids);
    const at::Tensor place = ops::Arange(ids.size(1), at::kCPU);
    const at::Tensor earlier = place.unsqueeze(1).ge(place).logical_and(keep.unsqueeze(1));
    for (int64_t i = 0; i < layers_; ++i) {
      const std::string layer = "decoder.block." + std::to_string(i) + ".layer.";
      const at::Tensor normed = Norm(layer + "0.layer_norm", x);
      x = x.add(Attention(layer + "0.SelfAttention", normed, normed, earlier));
      x = x.add(Attention(layer + "1.EncDecAttention", Norm(layer + "1.layer_norm", x), source,
                          source_keep.unsqueeze(1)));
      x = x.add(FeedForward(layer + "2", x));
    }
    return Norm("decoder.final_layer_norm", x);
  }

 private:
  at::Tensor Words(const at::Tensor& ids) const {
    const at::Tensor& table = all_.at("shared.weight");
    const int64_t d = table.size(1);
    at::Tensor x = ops::Embedding(table, ids).mul(std::sqrt(static_cast<double>(d)));
    for (int64_t t = 0; t < ids.size(1); ++t) {
      for (int64_t j = 0; j < d; ++j) {
        const double angle =
            static_cast<double>(t) /
            std::pow(10000, static_cast<double>(j / 2 * 2) / static_cast<double>(d));
        x.select(1, t).select(1, j).add_(j % 2 == 0 ? std::sin(angle) : std::cos(angle));
      }
    }
    return x;
  }

  at::Tensor Linear(const std::string& name, const at::Tensor& x) const {
    return x.matmul(all_.at(name + ".weight").t()).add(all_.at(name + ".bias"));
  }

  at::Tensor Norm(const std::string& name, const at::Tensor& x) const {
    const at::Tensor centred = x.sub(x.mean(-1, true));
    return centred.div(centred.square().mean(-1, true).add(1e-5).sqrt())
        .mul(all_.at(name + ".weight"))
        .add(all_.at(name + ".bias"));
  }

  // `allowed` [B, m or 1, n] says which tokens of y [B, n, d] those of x [B, m, d] read.
  at::Tensor Attention(const std::string& name, const at::Tensor& x, const at::Tensor& y,
                       const at::Tensor& allowed) const {
    const at::Tensor q = SplitHeads(Linear(name + ".q", x), heads_);
    const at::Tensor k = SplitHeads(Linear(name + ".k", y), heads_);
    const at::Tensor v = SplitHeads(Linear(name + ".v", y), heads_);
    const at::Tensor scores =
        q.matmul(k.transpose(2, 3)).div(std::sqrt(static_cast<double>(q.size(3))));
    const at::Tensor weights =
        scores.masked_fill(allowed.unsqueeze(1).logical_not(), -1e300).softmax(-1);
    return Linear(name + ".o", MergeHeads(weights.matmul(v)));
  }

  at::Tensor FeedForward(const std::string& part, const at::Tensor& x) const {
    const std::string name = part + ".DenseReluDense.";
    const at::Tensor normed = Norm(part + ".layer_norm", x);
    return Linear(name + "wo", Linear(name + "wi", normed).clamp_min(0));
  }

  int64_t heads_;
  int64_t layers_;
  SlowTensors all_;
};

TEST(TransductionTest, EqualsItsDefinition) {
  for (const int64_t heads : {1, 3}) {
    nlohmann::json config = TinyConfig("transduction");
    config["num_heads"] = heads;
    config["d_model"] = 15;  // whose last wave has no cosine
    const auto model = MustBuild(config, {.dtype = at::kDouble});
    for (const auto& [name, tensor] : model->NamedTensors()) {
      if (tensor.dim() == 1) {
        tensor.add_(RandomNormal(tensor.sizes(), name.size(), 0.2, at::kDouble));
      }
    }
    const SlowTransduction slow(config, *model);
    for (const int64_t length : {1, 2, 17}) {
      SCOPED_TRACE(length);
      Inputs inputs = TinyInputs("transduction", length, 3);
      const at::Tensor source_keep = inputs.at("attention_mask").ne(0);
      const at::Tensor source = slow.Encoded(inputs.at("input_ids"), source_keep);
      const at::Tensor target = TinyInputs("transduction", length + 4, 4).at("input_ids");
      const at::Tensor target_mask = TinyInputs("transduction", length + 4, 4).at("attention_mask");
      inputs["decoder_input_ids"] = target;
      inputs["decoder_attention_mask"] = target_mask;
      EXPECT_LT(ScaledDifference(Infer(*model, inputs),
                                 slow.Decoded(target, target_mask.ne(0), source, source_keep),
                                 target_mask),
                1e-9);
      inputs.erase("decoder_input_ids");
      inputs.erase("decoder_attention_mask");
      EXPECT_LT(ScaledDifference(Infer(*model, inputs), source, inputs.at("attention_mask")), 1e-9);
    }
  }
}

TEST(TransductionTest, DefaultsAreThePapersShape) {
  const auto config = Config::Parse(R"({"model_type": "transduction", "vocab_size": 100})",
                                    /*profiling=*/false, 64);
  ASSERT_THAT(config, IsOk());
  // 4 layers of 0.79 and 4 of 1.05 million.
  EXPECT_EQ(config->parameters(), 7'399'424.0);
}

TEST(TransductionTest, EveryBackendComputesTheSame) {
  Inputs inputs = TinyInputs("transduction", kTinyLength, 1);
  for (const bool masked : {true, false}) {
    if (!masked) {
      inputs.erase("attention_mask");
    }
    const at::Tensor expected = Infer(*MustBuild(TinyConfig("transduction")), inputs);
    for (const char* attention : {"sdpa", "math", "flash"}) {
      const auto model = MustBuild(TinyConfig("transduction"), {.attention = attention});
      EXPECT_LT(ScaledDifference(Infer(*model, inputs), expected), 1e-5) << attention;
    }
  }
}

TEST(TransductionTest, EncoderAloneHasItsOwnFormulas) {
  nlohmann::json config = TinyConfig("transduction");
  config["is_encoder_decoder"] = false;
  config["num_layers"] = 3;
  ExpectParametersAsBuilt(config);
  ExpectCostsAsCounted(config);
}

TEST(TransductionTest, DistancesHaveNoBias) {
  nlohmann::json config = TinyConfig("transduction");
  config["relative_attention_num_buckets"] = 8;
  EXPECT_THAT(BuildModel(config.dump(), {}), StatusIs(absl::StatusCode::kInvalidArgument,
                                                      HasSubstr("relative_attention_num_buckets")));
}

}  // namespace
}  // namespace cusp::models
