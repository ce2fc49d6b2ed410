#include "common/grpc_setup.h"

#include <grpc/grpc.h>
#include <gtest/gtest.h>

#include "absl/synchronization/mutex.h"
#include "common/channel.h"
#include "tests/support/status_matchers.h"

namespace cusp {
namespace {

// Else the last channel's end waits for gRPC's shutdown, now and then 10 s.
TEST(GrpcSetupTest, GrpcOutlivesTheLastChannel) {
  ChannelOptions options;
  options.server = "localhost:1";
  { ASSERT_THAT(OpenChannel(options), IsOk()); }
  EXPECT_NE(grpc_is_initialized(), 0);
}

// As gRPC's may be, without a deadlock. Debian's Abseil aborts here where it is not told.
TEST(GrpcSetupTest, LocksMayBeTakenInAnyOrder) {
  SetUpGrpc();
  absl::Mutex one;
  absl::Mutex other;
  {
    const absl::MutexLock outer(&one);
    const absl::MutexLock inner(&other);
  }
  const absl::MutexLock outer(&other);
  const absl::MutexLock inner(&one);
}

}  // namespace
}  // namespace cusp
