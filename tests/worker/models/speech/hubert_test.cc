#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

TEST(HubertTest, FusedKernelsGiveTheSame) {
  const Inputs inputs = TinyInputs("hubert", 7001, 1);
  const at::Tensor eager = Infer(*MustBuild(TinyConfig("hubert")), inputs);
  for (const char* attention : {"sdpa", "math", "flash"}) {
    const auto model = MustBuild(TinyConfig("hubert"), {.attention = attention});
    EXPECT_LT(ScaledDifference(Infer(*model, inputs), eager, RealRows(inputs, eager.size(1))), 1e-5)
        << attention;
  }
  EXPECT_THAT(BuildModel(TinyConfig("l_hubert").dump(), {.attention = "sdpa"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("only eager")));
}

}  // namespace
}  // namespace cusp::models
