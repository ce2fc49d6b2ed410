#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/worker/models/formula_check.h"
#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {
namespace {

nlohmann::json ConfigOf(const std::string& kind) {
  nlohmann::json config = TinyConfig("synthesizer");
  config["synthesizer"] = kind;
  config["synthesizer_rank"] = 3;
  return config;
}

// Scores [B or 1, h, n, n] of each kind, head by head.
at::Tensor ScoresOf(const SlowLayer& layer, const std::string& kind) {
  const int64_t n = layer.x.size(1);
  std::vector<at::Tensor> heads;
  for (int64_t h = 0; h < layer.heads; ++h) {
    const auto rows = [&](const char* name) {
      return layer.tensors.at(name).select(0, h).narrow(0, 0, n);
    };
    if (kind == "dense") {
      heads.push_back(layer.Heads("query")
                          .select(1, h)
                          .relu()
                          .matmul(rows("synthesizer_weight").t())
                          .add(rows("synthesizer_bias")));
    } else if (kind == "random") {
      heads.push_back(rows("random").narrow(1, 0, n).unsqueeze(0));
    } else {
      heads.push_back(rows("random_left").mm(rows("random_right").t()).unsqueeze(0));
    }
  }
  std::vector<at::Tensor> stacked;
  for (const at::Tensor& head : heads) {
    stacked.push_back(head.unsqueeze(1));
  }
  return ops::Cat(stacked, 1);
}

SlowAttention ByDefinition(const std::string& kind) {
  return [kind](const SlowLayer& layer) {
    const at::Tensor hidden = layer.keep.logical_not().unsqueeze(1).unsqueeze(1);
    const at::Tensor v = layer.Heads("value");
    return ScoresOf(layer, kind)
        .expand({v.size(0), v.size(1), v.size(2), v.size(2)})
        .masked_fill(hidden, MaskValue(at::kDouble))
        .softmax(-1)
        .matmul(v);
  };
}

class SynthesizerTest : public ::testing::TestWithParam<std::string> {};

TEST_P(SynthesizerTest, EqualsItsDefinition) {
  for (const int64_t heads : {1, 2, 4}) {
    nlohmann::json config = ConfigOf(GetParam());
    config["num_attention_heads"] = heads;
    ExpectEqualsSlowly(config, {1, 2, 13, 24, 64}, ByDefinition(GetParam()));
  }
}

TEST_P(SynthesizerTest, FormulasHoldForEveryKind) {
  ExpectCostsAsCounted(ConfigOf(GetParam()));
  ExpectParametersAsBuilt(ConfigOf(GetParam()));
}

TEST_P(SynthesizerTest, DropoutDiffersFromSampleToSample) {
  nlohmann::json config = ConfigOf(GetParam());
  config["attention_probs_dropout_prob"] = 0.5;
  const auto model = MustBuild(config, {.training = true});
  const at::Tensor one = ops::Full({1, 20}, 7, at::kLong, at::kCPU);
  const at::Tensor output = model->Forward({{"input_ids", one.expand({2, 20}).contiguous()}});
  EXPECT_FALSE(output.select(0, 0).equal(output.select(0, 1)));
}

INSTANTIATE_TEST_SUITE_P(Kinds, SynthesizerTest, ::testing::Values("dense", "random", "factorized"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace cusp::models
