#include "worker/runner/cuda_driver.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace cusp::runner {
namespace {

// Holds with and without a driver.
TEST(CudaDriverTest, AbsentDeviceIsInvalid) {
  EXPECT_THAT(ReadCudaFacts(99), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace cusp::runner
