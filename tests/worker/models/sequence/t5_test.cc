#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/model.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

bool HasTensor(const Model& model, const std::string& name) {
  for (const auto& [own, tensor] : model.NamedTensors()) {
    if (own == name) {
      return true;
    }
  }
  return false;
}

TEST(T5Test, FeedForwardIsGatedOrNot) {
  nlohmann::json config = TinyConfig("t5");
  EXPECT_TRUE(HasTensor(*MustBuild(config), "decoder.block.1.layer.2.DenseReluDense.wi_1.weight"));
  config["feed_forward_proj"] = "relu";
  EXPECT_TRUE(HasTensor(*MustBuild(config), "decoder.block.1.layer.2.DenseReluDense.wi.weight"));
}

TEST(T5Test, UnknownActivationIsRefused) {
  nlohmann::json config = TinyConfig("t5");
  for (const char* name : {"gated-", "relu-gated", "gelo", "", "gelu relu"}) {
    config["feed_forward_proj"] = name;
    EXPECT_THAT(BuildModel(config.dump(), {}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("feed_forward_proj")));
  }
}

}  // namespace
}  // namespace cusp::models
