#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

TEST(FnetTest, TakesNoMask) {
  const auto model = MustBuild(TinyConfig("fnet"));
  Inputs inputs = TinyInputs("fnet", kTinyLength, 1);
  EXPECT_THAT(model->CheckInputs(inputs), IsOk());
  inputs["attention_mask"] = inputs.at("input_ids").ne(0).to(at::kLong);
  EXPECT_THAT(model->CheckInputs(inputs),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("attention_mask")));
}

TEST(FnetTest, TransformsByMatricesAreRefused) {
  nlohmann::json config = TinyConfig("fnet");
  config["use_tpu_fourier_optimizations"] = true;
  EXPECT_THAT(BuildModel(config.dump(), {}), StatusIs(absl::StatusCode::kInvalidArgument,
                                                      HasSubstr("use_tpu_fourier_optimizations")));
}

TEST(FnetTest, HasNoAttentionToChoose) {
  EXPECT_EQ(MustBuild(TinyConfig("fnet"))->AttentionUsed(), "");
  EXPECT_FALSE(BuildModel(TinyConfig("fnet").dump(), {.attention = "sdpa"}).ok());
}

}  // namespace
}  // namespace cusp::models
