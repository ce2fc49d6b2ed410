#include "server/auth/permissions.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

constexpr Permission kAll[] = {Permission::kRead, Permission::kFetch, Permission::kSubmit,
                               Permission::kMeasure, Permission::kAdminister};

TEST(PermissionsTest, AdministratorsMayAllAndNumbersWithoutARoleNothing) {
  for (const Permission permission : kAll) {
    EXPECT_TRUE(Allows(Role::kAdmin, permission));
    EXPECT_FALSE(Allows(static_cast<Role>(0), permission));
    EXPECT_FALSE(Allows(static_cast<Role>(9), permission));
  }
}

TEST(PermissionsTest, WorkersMeasureAndReadBlocksAlone) {
  EXPECT_TRUE(Allows(Role::kWorker, Permission::kMeasure));
  EXPECT_TRUE(Allows(Role::kWorker, Permission::kFetch));
  EXPECT_FALSE(Allows(Role::kWorker, Permission::kRead));
  EXPECT_FALSE(Allows(Role::kWorker, Permission::kSubmit));
}

TEST(PermissionsTest, SubmittersReadAndReadersDoNotSubmit) {
  EXPECT_TRUE(Allows(Role::kSubmitter, Permission::kRead));
  EXPECT_TRUE(Allows(Role::kSubmitter, Permission::kSubmit));
  EXPECT_FALSE(Allows(Role::kSubmitter, Permission::kMeasure));
  EXPECT_TRUE(Allows(Role::kReader, Permission::kRead));
  EXPECT_FALSE(Allows(Role::kReader, Permission::kSubmit));
}

TEST(PermissionsTest, RefusalNamesTheRolesThatMay) {
  EXPECT_THAT(Refusal(Role::kReader, Permission::kSubmit),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("submitter or admin")));
}

}  // namespace
}  // namespace cusp::server
