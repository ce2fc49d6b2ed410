#include "common/grpc_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace cusp {
namespace {

TEST(GrpcStatusTest, EveryCodeSurvivesBothWays) {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), "why");
    const grpc::Status remote = ToGrpc(status);
    EXPECT_EQ(static_cast<int>(remote.error_code()), code);
    EXPECT_EQ(remote.error_message(), "why");
    EXPECT_EQ(FromGrpc(remote), status);
  }
}

TEST(GrpcStatusTest, OkStaysOk) {
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
  EXPECT_THAT(FromGrpc(grpc::Status::OK), IsOk());
}

TEST(GrpcStatusTest, NamesMatch) {
  EXPECT_EQ(ToGrpc(absl::FailedPreconditionError("")).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(FromGrpc({grpc::StatusCode::UNAUTHENTICATED, "who"}),
              StatusIs(absl::StatusCode::kUnauthenticated, "who"));
}

}  // namespace
}  // namespace cusp
