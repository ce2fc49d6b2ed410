#include "tests/worker/models/formula_check.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "catalog/axes.h"
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

}  // namespace

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
