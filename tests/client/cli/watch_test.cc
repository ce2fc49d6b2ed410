#include "client/cli/watch.h"

#include <gmock/gmock.h>

#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

using WatchTest = CliTest;

TEST_F(WatchTest, PrintsTheFindingsAtTheEnd) {
  const CuspResult result = CallCusp({"watch", "k3f9"});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, HasSubstr("crosses at 1,180 tokens"));
}

TEST_F(WatchTest, EndStatesHaveTheirExitCodes) {
  job_.set_state(v1::Job::STATE_FAILED);
  EXPECT_EQ(CallCusp({"watch", "k3f9"}).code, kExitJobFailed);
  job_.set_state(v1::Job::STATE_CANCELLED);
  EXPECT_EQ(CallCusp({"watch", "k3f9"}).code, kExitJobCancelled);
}

TEST_F(WatchTest, StrictMindsUndecided) {
  result_.mutable_comparisons(0)->set_verdict(v1::VERDICT_UNDECIDED);
  EXPECT_EQ(CallCusp({"watch", "k3f9", "--strict"}).code, kExitUndecided);
}

TEST_F(WatchTest, TimeoutEndsTheWaitAndNotTheJob) {
  job_.set_state(v1::Job::STATE_RUNNING);
  const CuspResult result = CallCusp({"watch", "k3f9", "--timeout", "1ms"});
  EXPECT_EQ(result.code, kExitTimeout);
  EXPECT_THAT(result.err, HasSubstr("the job goes on"));
  EXPECT_EQ(result.out, "");
}

TEST_F(WatchTest, BadTimeoutIsBadUsage) {
  const CuspResult result = CallCusp({"watch", "k3f9", "--timeout", "soon"});
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, HasSubstr("90s"));
}

}  // namespace
}  // namespace cusp::client
