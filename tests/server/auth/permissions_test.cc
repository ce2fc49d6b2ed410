#include "server/auth/permissions.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

constexpr Permission kAll[] = {Permission::kRead, Permission::kReadBlocks, Permission::kSubmit,
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
  EXPECT_TRUE(Allows(Role::kWorker, Permission::kReadBlocks));
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

TEST(PermissionsTest, OwnersAndAdministratorsMayChange) {
  EXPECT_TRUE(MayChange("ann", "ann", false));
  EXPECT_FALSE(MayChange("ben", "ann", false));
  EXPECT_TRUE(MayChange("ben", "ann", true));
}

}  // namespace
}  // namespace cusp::server
