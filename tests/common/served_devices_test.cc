#include "common/served_devices.h"

#include <gmock/gmock.h>

namespace cusp {
namespace {

using ::testing::ElementsAre;

TEST(ServedDevicesTest, AnyOfKindAndClassMayBeAskedFor) {
  EXPECT_THAT(ServedDevices("cuda:1", "NVIDIA H200"), ElementsAre("auto", "cuda", "NVIDIA H200"));
  EXPECT_THAT(ServedDevices("cpu", "cpu"), ElementsAre("auto", "cpu"));
}

}  // namespace
}  // namespace cusp
