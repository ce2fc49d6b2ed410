#include "worker/models/text/plain_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/model.h"

namespace cusp::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// The models around it, by model_type.
class PlainEncoderTest : public ::testing::TestWithParam<const char*> {};

TEST_P(PlainEncoderTest, EveryBackendComputesTheSame) {
  const Inputs inputs = TinyInputs(GetParam(), kTinyLength, 1);
  const auto eager = MustBuild(TinyConfig(GetParam()));
  const at::Tensor expected = Infer(*eager, inputs);
  EXPECT_EQ(eager->AttentionUsed(), "eager");
  for (const char* attention : {"sdpa", "math", "flash"}) {
    const auto model = MustBuild(TinyConfig(GetParam()), {.attention = attention});
    EXPECT_LT(ScaledDifference(Infer(*model, inputs), expected, inputs.at("attention_mask")), 1e-5)
        << attention;
  }
}

TEST_P(PlainEncoderTest, ImpossibleKernelIsRefused) {
  for (const char* attention : {"cudnn", "efficient"}) {
    EXPECT_THAT(BuildModel(TinyConfig(GetParam()).dump(), {.attention = attention}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("attention"), HasSubstr(attention))));
  }
}

INSTANTIATE_TEST_SUITE_P(Models, PlainEncoderTest,
                         ::testing::Values("bert", "roberta", "distilbert", "albert"));

}  // namespace
}  // namespace cusp::models
