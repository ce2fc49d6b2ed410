#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/model.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

TEST(Mamba2Test, ChunksChangeNothing) {
  const Inputs inputs = TinyInputs("mamba2", kTinyLength, 1);
  nlohmann::json config = TinyConfig("mamba2");
  const at::Tensor expected = Infer(*MustBuild(config, {.dtype = at::kDouble}), inputs);
  for (const int64_t chunk : {1, 2, 7, 24, 256}) {
    config["chunk_size"] = chunk;
    const auto model = MustBuild(config, {.dtype = at::kDouble});
    EXPECT_LT(ScaledDifference(Infer(*model, inputs), expected), 1e-10) << chunk;
  }
}

TEST(Mamba2Test, WhatComesLaterChangesNothing) {
  const auto model = MustBuild(TinyConfig("mamba2"));
  const at::Tensor ids = TinyInputs("mamba2", kTinyLength, 1).at("input_ids");
  const at::Tensor whole = Infer(*model, {{"input_ids", ids}});
  const at::Tensor part = Infer(*model, {{"input_ids", ids.narrow(1, 0, 11)}});
  EXPECT_LT(ScaledDifference(part, whole.narrow(1, 0, 11)), 1e-5);
}

TEST(Mamba2Test, TimeStepsKeepWithinTheirLimits) {
  const Inputs inputs = TinyInputs("mamba2", kTinyLength, 1);
  nlohmann::json config = TinyConfig("mamba2");
  const at::Tensor free = Infer(*MustBuild(config), inputs);
  config["time_step_limit"] = {0.0, {{"__float__", "Infinity"}}};
  EXPECT_TRUE(Infer(*MustBuild(config), inputs).equal(free));
  config["time_step_limit"] = {0.02, 0.03};
  EXPECT_GT(ScaledDifference(Infer(*MustBuild(config), inputs), free), 1e-3);
}

TEST(Mamba2Test, RandomTimeStepsLieInTheirRange) {
  const auto model = MustBuild(TinyConfig("mamba2"));
  for (const auto& [name, tensor] : model->NamedTensors()) {
    if (name.ends_with("dt_bias")) {
      const at::Tensor step = tensor.exp().add(1).log();
      EXPECT_GT(step.min().item<double>(), 0.00099);
      EXPECT_LT(step.max().item<double>(), 0.101);
    }
  }
}

TEST(Mamba2Test, HasNoKernelsToChooseFrom) {
  EXPECT_THAT(BuildModel(TinyConfig("mamba2").dump(), {.attention = "sdpa"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("only eager")));
}

TEST(Mamba2Test, ShapesThatDoNotGoTogetherAreRefused) {
  for (const auto& [change, part] : {std::pair{R"({"num_heads": 3})", "num_heads times head_dim"},
                                     {R"({"n_groups": 3})", "multiple of n_groups"},
                                     {R"({"time_step_limit": [1, 0]})", "least and the greatest"},
                                     {R"({"time_step_limit": [1]})", "least and the greatest"},
                                     {R"({"time_step_min": 1})", "time_step_min"}}) {
    nlohmann::json config = TinyConfig("mamba2");
    config.update(nlohmann::json::parse(change));
    EXPECT_THAT(BuildModel(config.dump(), {}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(part)));
  }
}

}  // namespace
}  // namespace cusp::models
