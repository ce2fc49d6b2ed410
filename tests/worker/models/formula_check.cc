#include "tests/worker/models/formula_check.h"

#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "catalog/axes.h"
#include "catalog/catalog.h"
#include "catalog/config_keys.h"
#include "catalog/cost.h"
#include "tests/support/status_matchers.h"
#include "tests/worker/models/product_counter.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/config.h"

namespace cusp::models {
namespace {

std::string TypeOf(const nlohmann::json& config) { return config.at("model_type"); }

void ExpectCostAsCounted(const nlohmann::json& config, int64_t length, bool training) {
  const auto complete =
      Config::Parse(config.dump(), /*profiling=*/true, TinyLength(TypeOf(config)));
  ASSERT_THAT(complete, IsOk());
  const auto model = MustBuild(config, {.training = training, .profiling = true});
  const auto inputs = model->RandomInputs(length, 3, 1);
  ASSERT_THAT(inputs, IsOk());
  const ProductCounter counted;
  if (training) {
    model->Forward(*inputs).square().mean().backward();
  } else {
    Infer(*model, *inputs);
  }
  catalog::CostTally tally(
      {.length = length,
       .batch_size = 3,
       .pass = training ? catalog::Pass::kTraining : catalog::Pass::kInference});
  catalog::AddCost(complete->model(), complete->values(), tally);
  EXPECT_NEAR(tally.Total().flops / counted.flops(), 1, 0.01);
  EXPECT_NEAR(tally.Total().bytes / counted.bytes(), 1, 0.01);
}

// Decoded side by side: so many that each of a few experts has a token to read.
constexpr int64_t kSequences = 64;

void ExpectDecodeCostAsCounted(const nlohmann::json& config, int64_t context) {
  const auto complete = Config::Parse(config.dump(), /*profiling=*/true, 2 * kTinyLength);
  ASSERT_THAT(complete, IsOk());
  const auto model = MustBuild(config, {.longest_length = 2 * kTinyLength, .profiling = true});
  auto inputs = model->RandomInputs(context + 1, kSequences, 1);
  ASSERT_THAT(inputs, IsOk());
  const at::Tensor ids =
      inputs->at(inputs->contains("decoder_input_ids") ? "decoder_input_ids" : "input_ids");
  (*inputs)["input_ids"] = inputs->at("input_ids").narrow(1, 0, context);
  const c10::InferenceMode guard;
  const auto state = model->NewStateFor(*inputs);
  ASSERT_NE(state, nullptr);
  model->Extend(ids.narrow(1, 0, context), *state);
  const ProductCounter counted;
  model->Extend(ids.narrow(1, context, 1), *state);
  catalog::CostTally tally({.length = context, .batch_size = kSequences});
  complete->model().rules.decode_cost(complete->values(), tally.work(), tally);
  EXPECT_NEAR(tally.Total().flops / counted.flops(), 1, 0.01);
  EXPECT_NEAR(tally.Total().bytes / counted.bytes(), 1, 0.01);
}

}  // namespace

void ExpectDecodeCostsAsCounted(nlohmann::json config) {
  if (catalog::FindKey(*catalog::FindModel(TypeOf(config)), "is_decoder") != nullptr) {
    config["is_decoder"] = true;
  }
  for (const int64_t context : {3, 13, 2 * static_cast<int>(kTinyLength) - 1}) {
    SCOPED_TRACE(::testing::Message() << config << ", context " << context);
    ExpectDecodeCostAsCounted(config, context);
  }
}

void ExpectCostsAsCounted(const nlohmann::json& config) {
  for (const bool training : {false, true}) {
    for (const int64_t length : OddLengths(TypeOf(config))) {
      SCOPED_TRACE(::testing::Message()
                   << config << ", length " << length << ", training " << training);
      ExpectCostAsCounted(config, length, training);
    }
  }
}

void ExpectParametersAsBuilt(const nlohmann::json& config) {
  int64_t built = 0;
  for (const at::Tensor& parameter : MustBuild(config)->Parameters()) {
    built += parameter.numel();
  }
  EXPECT_EQ(Config::Parse(config.dump(), false, TinyLength(TypeOf(config)))->parameters(),
            static_cast<double>(built))
      << config;
}

}  // namespace cusp::models
