#include "common/grpc_lifetime.h"

#include <grpc/grpc.h>
#include <gtest/gtest.h>

#include "common/channel.h"
#include "tests/support/status_matchers.h"

namespace cusp {
namespace {

// Else the last channel's end waits for gRPC's shutdown, now and then 10 s.
TEST(GrpcLifetimeTest, GrpcOutlivesTheLastChannel) {
  ASSERT_EQ(grpc_is_initialized(), 0);
  ChannelOptions options;
  options.server = "localhost:1";
  { ASSERT_THAT(OpenChannel(options), IsOk()); }
  EXPECT_NE(grpc_is_initialized(), 0);
}

}  // namespace
}  // namespace cusp
