#include "worker/models/attention_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace cusp::models {
namespace {

TEST(AttentionChoiceTest, GivesTheBackendThatRuns) {
  const AttentionShape kShape = {.hidden_size = 16, .heads = 2, .head_size = 8};
  EXPECT_EQ(*ChooseBackend(kShape, {.attention = "flash"}), AttentionBackend::kFlash);
  EXPECT_THAT(ChooseBackend(kShape, {.attention = "cudnn"}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ChooseBackend(kShape, {.attention = "fast"}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(AttentionChoiceTest, OwnAttentionHasNoKernels) {
  EXPECT_THAT(RequireEager({.attention = "eager"}, "linformer"), IsOk());
  EXPECT_THAT(RequireEager({.attention = "sdpa"}, "linformer"),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr("linformer")));
}

}  // namespace
}  // namespace cusp::models
