#include "server/queue/ownership.h"

#include <gtest/gtest.h>

namespace cusp::server {
namespace {

TEST(OwnershipTest, OwnersAndAdministratorsMayChangeAJob) {
  EXPECT_TRUE(MayChange("ann", "ann", false));
  EXPECT_TRUE(MayChange("bob", "ann", true));
  EXPECT_FALSE(MayChange("bob", "ann", false));
  EXPECT_FALSE(MayChange("", "ann", false));
}

}  // namespace
}  // namespace cusp::server
