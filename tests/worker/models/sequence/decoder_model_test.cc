#include "worker/models/sequence/decoder_model.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

TEST(DecoderModelTest, WhatComesLaterChangesNothing) {
  for (const char* type : {"llama", "mistral"}) {
    const auto model = MustBuild(TinyConfig(type));
    const at::Tensor ids = TinyInputs(type, kTinyLength, 1).at("input_ids");
    const at::Tensor whole = Infer(*model, {{"input_ids", ids}});
    const at::Tensor part = Infer(*model, {{"input_ids", ids.narrow(1, 0, 11)}});
    EXPECT_LT(ScaledDifference(part, whole.narrow(1, 0, 11)), 1e-5) << type;
  }
}

TEST(DecoderModelTest, SamplesOfABatchAreIndependent) {
  for (const char* type : {"llama", "mistral"}) {
    const auto model = MustBuild(TinyConfig(type));
    const at::Tensor ids = TinyInputs(type, kTinyLength, 1).at("input_ids");
    const at::Tensor both = Infer(*model, {{"input_ids", ids}});
    EXPECT_LT(
        ScaledDifference(Infer(*model, {{"input_ids", ids.narrow(0, 1, 1)}}), both.narrow(0, 1, 1)),
        1e-5)
        << type;
  }
}

TEST(DecoderModelTest, EveryBackendComputesTheSame) {
  for (const char* type : {"llama", "mistral"}) {
    const Inputs inputs = TinyInputs(type, kTinyLength, 1);
    const at::Tensor expected = Infer(*MustBuild(TinyConfig(type)), inputs);
    for (const char* attention : {"sdpa", "math", "flash"}) {
      const auto model = MustBuild(TinyConfig(type), {.attention = attention});
      EXPECT_LT(ScaledDifference(Infer(*model, inputs), expected, inputs.at("attention_mask")),
                1e-5)
          << type << " " << attention;
    }
  }
}

TEST(DecoderModelTest, NegativePadCountsFromTheEnd) {
  nlohmann::json config = TinyConfig("llama");
  config["pad_token_id"] = -1;
  const auto model = MustBuild(config);
  EXPECT_EQ(model->NamedTensors()[0].first, "embed_tokens.weight");
  EXPECT_EQ(model->NamedTensors()[0].second.select(0, 36).abs().max().item<double>(), 0);
}

}  // namespace
}  // namespace cusp::models
