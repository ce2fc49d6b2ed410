#include "common/errno_status.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/support/status_matchers.h"

namespace cusp {
namespace {

TEST(ErrnoStatusTest, EachCauseHasItsCodeAndNamesThePath) {
  const struct {
    int cause;
    absl::StatusCode code;
  } cases[] = {
      {ENOENT, absl::StatusCode::kNotFound},
      {ENOTDIR, absl::StatusCode::kNotFound},
      {EACCES, absl::StatusCode::kPermissionDenied},
      {EPERM, absl::StatusCode::kPermissionDenied},
      {EROFS, absl::StatusCode::kPermissionDenied},
      {ENOSPC, absl::StatusCode::kResourceExhausted},
      {EDQUOT, absl::StatusCode::kResourceExhausted},
      {EIO, absl::StatusCode::kUnavailable},
  };
  for (const auto& one : cases) {
    errno = one.cause;
    EXPECT_THAT(ErrnoStatus("/a/b"), StatusIs(one.code, testing::HasSubstr("/a/b: ")));
  }
}

}  // namespace
}  // namespace cusp
