#include "client/cli/exit_code.h"

#include <gtest/gtest.h>

namespace cusp::client {
namespace {

TEST(ExitCodeTest, EachKindOfErrorHasItsOwn) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCodeOf(absl::InternalError("")), 1);
  EXPECT_EQ(ExitCodeOf(absl::ResourceExhaustedError("")), 1);
  EXPECT_EQ(ExitCodeOf(absl::FailedPreconditionError("")), 1);
  EXPECT_EQ(ExitCodeOf(absl::InvalidArgumentError("")), 2);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("")), 3);
  EXPECT_EQ(ExitCodeOf(absl::DeadlineExceededError("")), 3);
  EXPECT_EQ(ExitCodeOf(absl::UnauthenticatedError("")), 4);
  EXPECT_EQ(ExitCodeOf(absl::PermissionDeniedError("")), 4);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("")), 5);
}

TEST(ExitCodeTest, ErrorsAreReportedWithTheProgramsName) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(ReportError(absl::NotFoundError("no job x")), 5);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "cusp: no job x\n");
}

TEST(ExitCodeTest, FaultsOfInputAreUsageErrorsWhateverTheirCode) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(ReportBadInput(absl::NotFoundError("job.yaml: No such file")), 2);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "cusp: job.yaml: No such file\n");
}

}  // namespace
}  // namespace cusp::client
