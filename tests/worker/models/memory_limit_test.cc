#include "worker/models/memory_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

TEST(MemoryLimitTest, SmallFits) { EXPECT_THAT(CheckMemory(1e6, {}, "x"), IsOk()); }

TEST(MemoryLimitTest, MoreThanAnyMachineIsRefusedWithTheSizes) {
  EXPECT_THAT(CheckMemory(1e30, {}, "hidden_size 7"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("hidden_size 7")));
}

}  // namespace
}  // namespace cusp::models
