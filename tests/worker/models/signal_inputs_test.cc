#include "worker/models/signal_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

TEST(SignalInputsTest, MissingUnknownAndWholeNumberedInputsAreNamed) {
  const at::Tensor wave = RandomNormal({1, 8}, 1);
  EXPECT_THAT(CheckSignal({{"input_values", wave}}, "input_values", {}), IsOk());
  EXPECT_THAT(CheckSignal({}, "input_values", {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("input_values: missing")));
  EXPECT_THAT(
      CheckSignal({{"input_values", wave}, {"input_ids", wave}}, "input_values", {"mask"}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("it takes input_values, mask")));
  EXPECT_THAT(CheckSignal({{"input_values", wave.to(at::kLong)}}, "input_values", {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("[1, 8] of Long")));
}

TEST(SignalInputsTest, RandomSignalHasTypeAndUnitDeviation) {
  const auto drawn = RandomSignal({2, 5000}, {.dtype = at::kBFloat16}, 1);
  ASSERT_THAT(drawn, IsOk());
  EXPECT_EQ(drawn->scalar_type(), at::kBFloat16);
  EXPECT_NEAR(drawn->to(at::kDouble).std(false).item<double>(), 1, 0.05);
  EXPECT_THAT(RandomSignal({0, 5}, {}, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("batch_size 0")));
}

}  // namespace
}  // namespace cusp::models
