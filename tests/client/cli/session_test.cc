#include "client/cli/session.h"

#include <sys/stat.h>

#include "tests/client/cli/cli_fixture.h"
#include "tests/support/status_matchers.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

using SessionTest = CliTest;

TEST_F(SessionTest, ConfiguredCoordinatorNeedsNoPrivateOne) {
  const auto session = Session::Open(Invocation(), Need::kAny);
  ASSERT_THAT(session, IsOk());
  EXPECT_EQ((*session)->service(), nullptr);
  EXPECT_THAT((*session)->client().GetJob("jobs/k3f9x2a1bc"), IsOk());
}

TEST_F(SessionTest, MissingTokenFileIsBadUsage) {
  Invocation invocation;
  invocation.token_file = "/nowhere/token";
  EXPECT_THAT(Session::Open(invocation, Need::kAny).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("/nowhere/token")));
}

TEST_F(SessionTest, TokenThatOthersMayReadIsBadUsage) {
  Invocation invocation;
  invocation.token_file = temp_.Write("token", "secret");
  chmod(invocation.token_file.c_str(), 0644);
  EXPECT_THAT(Session::Open(invocation, Need::kAny).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("chmod 600")));
}

TEST_F(SessionTest, ServerFlagIsNoneForWhatRunsHere) {
  Invocation invocation;
  invocation.server = "gpu:7870";
  EXPECT_THAT(Session::Open(invocation, Need::kPrivate).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cusp submit")));
}

TEST_F(SessionTest, LivePrivateCoordinatorIsShared) {
  unsetenv("CUSP_SERVER");
  const std::string state = temp_.Join("state");
  mkdir(state.c_str(), 0700);
  FakeCoordinator other("unix:" + state + "/cuspd.sock");
  other.jobs.list = [](const auto&, auto&) { return grpc::Status::OK; };
  Invocation invocation;
  invocation.state = state;
  EXPECT_THAT(Session::Open(invocation, Need::kServing).status(), IsOk());
}

}  // namespace
}  // namespace cusp::client
