#include "common/file_lock.h"

#include <gtest/gtest.h>

#include <utility>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp {
namespace {

TEST(FileLockTest, SecondTakerGetsNothingUntilTheFirstLetsGo) {
  const TempDir temp;
  const std::string path = temp.path() + "/lock";
  {
    auto first = FileLock::Take(path);
    ASSERT_THAT(first, IsOk());
    const FileLock moved = *std::move(first);
    const auto second = FileLock::TryTake(path);
    ASSERT_THAT(second, IsOk());
    EXPECT_FALSE(second->has_value());
  }
  const auto third = FileLock::TryTake(path);
  ASSERT_THAT(third, IsOk());
  EXPECT_TRUE(third->has_value());
}

TEST(FileLockTest, MissingFolderIsNamed) {
  EXPECT_THAT(FileLock::Take("/nowhere/lock"),
              StatusIs(absl::StatusCode::kUnavailable, testing::HasSubstr("/nowhere/lock")));
}

}  // namespace
}  // namespace cusp
