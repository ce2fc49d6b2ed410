#include "worker/models/text/token_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

TEST(TokenModelTest, PaddingIsNeverDrawn) {
  nlohmann::json config = TinyConfig("bert");
  config["vocab_size"] = 5;
  config["pad_token_id"] = 3;
  const auto inputs = MustBuild(config)->RandomInputs(60, 4, 1);
  ASSERT_THAT(inputs, IsOk());
  EXPECT_FALSE(inputs->at("input_ids").eq(3).any().item<bool>());
}

TEST(TokenModelTest, ForeignInputsAreRefused) {
  const auto model = MustBuild(TinyConfig("bert"));
  Inputs inputs = TinyInputs("longformer", kTinyLength, 1);
  EXPECT_THAT(model->CheckInputs(inputs),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("global_attention_mask")));
}

TEST(TokenModelTest, MissingInputIsUndefined) {
  EXPECT_FALSE(FindInput({}, "input_ids").defined());
}

}  // namespace
}  // namespace cusp::models
