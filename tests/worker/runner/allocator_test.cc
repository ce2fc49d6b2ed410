#include "worker/runner/allocator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace cusp::runner {
namespace {

using ::testing::HasSubstr;

TEST(AllocatorTest, SettingsDependOnThePurposeAndAreTold) {
  EXPECT_THAT(FixAllocator(v1::StartRequest::PURPOSE_MEMORY), HasSubstr("mmap_threshold=65536"));
  EXPECT_THAT(FixAllocator(v1::StartRequest::PURPOSE_TIMING), HasSubstr("mmap_max=0"));
}

TEST(AllocatorTest, UnsetPurposeIsTiming) {
  EXPECT_EQ(FixAllocator(v1::StartRequest::PURPOSE_UNSPECIFIED),
            FixAllocator(v1::StartRequest::PURPOSE_TIMING));
}

TEST(AllocatorTest, LimitBelowWhatIsInUseIsRefused) {
  EXPECT_THAT(LimitData(4096), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("memory limit of 4096 bytes")));
  EXPECT_THAT(LimitData(-1), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(AllocatorTest, NoLimitIsFine) { EXPECT_THAT(LimitData(0), IsOk()); }

}  // namespace
}  // namespace cusp::runner
