#include "worker/runner/dtype.h"

#include "tests/support/status_matchers.h"

namespace cusp::runner {
namespace {

TEST(DtypeTest, NamesAreThoseOfRequests) {
  EXPECT_EQ(*ParseDtype("float32"), at::kFloat);
  EXPECT_EQ(*ParseDtype("bfloat16"), at::kBFloat16);
  EXPECT_EQ(*ParseDtype("float16"), at::kHalf);
  EXPECT_THAT(ParseDtype("int8"),
              StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("int8")));
}

}  // namespace
}  // namespace cusp::runner
