#include "worker/runner/noop_model.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace cusp::runner {
namespace {

TEST(NoopModelTest, IsChosenByItsTypeAlone) {
  EXPECT_TRUE(IsNoopConfig(R"({"model_type": "cusp_noop"})"));
  EXPECT_FALSE(IsNoopConfig(R"({"model_type": "bert"})"));
  EXPECT_FALSE(IsNoopConfig(R"(["cusp_noop"])"));
  EXPECT_FALSE(IsNoopConfig("{"));
}

TEST(NoopModelTest, ReturnsItsOneParameter) {
  const FakeClock clock;
  const auto model = BuildNoopModel(R"({"model_type": "cusp_noop"})", {.training = true}, clock);
  ASSERT_TRUE(model.ok());
  const auto inputs = (*model)->RandomInputs(8, 1, 1);
  ASSERT_TRUE(inputs.ok());
  EXPECT_EQ((*model)->Forward(*inputs).numel(), 1);
  EXPECT_TRUE((*model)->Parameters().front().requires_grad());
  EXPECT_FALSE((*model)->RandomInputs(0, 1, 1).ok());
}

TEST(NoopModelTest, NamesAWrongKey) {
  const FakeClock clock;
  const auto unknown = BuildNoopModel(R"({"model_type": "cusp_noop", "busy": 1})", {}, clock);
  EXPECT_NE(std::string(unknown.status().message()).find("busy:"), std::string::npos);
  EXPECT_FALSE(BuildNoopModel(R"({"model_type": "cusp_noop", "busy_ns": -1})", {}, clock).ok());
}

}  // namespace
}  // namespace cusp::runner
