#include "common/status_macros.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/support/status_matchers.h"

namespace cusp {
namespace {

using ::testing::Eq;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::Not;

absl::StatusOr<int> Positive(int value) {
  if (value <= 0) {
    return absl::InvalidArgumentError("not positive: " + std::to_string(value));
  }
  return value;
}

absl::Status CheckBoth(int a, int b, int& calls) {
  CUSP_RETURN_IF_ERROR(Positive(a).status());
  ++calls;
  CUSP_RETURN_IF_ERROR(Positive(b).status());
  ++calls;
  return absl::OkStatus();
}

absl::StatusOr<int> Sum(int a, int b) {
  CUSP_ASSIGN_OR_RETURN(const int x, Positive(a));
  int y = 0;
  CUSP_ASSIGN_OR_RETURN(y, Positive(b));
  return x + y;
}

absl::StatusOr<std::unique_ptr<int>> Boxed(int value) {
  CUSP_ASSIGN_OR_RETURN(const int checked, Positive(value));
  return std::make_unique<int>(checked);
}

absl::StatusOr<int> Unboxed(int value) {
  CUSP_ASSIGN_OR_RETURN(const std::unique_ptr<int> box, Boxed(value));
  return *box;
}

TEST(ReturnIfErrorTest, StopsAtTheFirstError) {
  int calls = 0;
  EXPECT_THAT(CheckBoth(1, 2, calls), IsOk());
  EXPECT_EQ(calls, 2);
  calls = 0;
  EXPECT_THAT(CheckBoth(1, -2, calls),
              StatusIs(absl::StatusCode::kInvalidArgument, "not positive: -2"));
  EXPECT_EQ(calls, 1);
}

TEST(AssignOrReturnTest, DeclaresAndAssigns) {
  EXPECT_THAT(Sum(1, 2), IsOkAndHolds(3));
  EXPECT_THAT(Sum(1, 2), IsOkAndHolds(Gt(2)));
  EXPECT_THAT(Sum(1, 0), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("0")));
}

TEST(AssignOrReturnTest, MovesWhatCannotBeCopied) {
  EXPECT_THAT(Unboxed(7), IsOkAndHolds(Eq(7)));
  EXPECT_THAT(Unboxed(-7), Not(IsOk()));
}

TEST(AnnotateTest, KeepsTheCodeAndPutsContextFirst) {
  EXPECT_THAT(Annotate(absl::NotFoundError("x"), "config.json"),
              StatusIs(absl::StatusCode::kNotFound, "config.json: x"));
  EXPECT_THAT(Annotate(absl::OkStatus(), "config.json"), IsOk());
}

TEST(StatusMatchersTest, OtherCodeOrMessageDoesNotMatch) {
  const absl::Status status = absl::NotFoundError("x");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(status, Not(StatusIs(absl::StatusCode::kInternal)));
  EXPECT_THAT(status, Not(StatusIs(absl::StatusCode::kNotFound, "y")));
  EXPECT_THAT(Positive(3), Not(IsOkAndHolds(4)));
}

}  // namespace
}  // namespace cusp
