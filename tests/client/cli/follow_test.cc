#include "client/cli/follow.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "client/cli/exit_code.h"
#include "common/clock.h"
#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

class FollowTest : public CliTest {
 protected:
  FollowEnd Run(const FollowOptions& options) {
    return Follow(client_, job_.name(), options, interrupt_, progress_);
  }

  SystemClock clock_;
  Interrupt interrupt_;
  ProgressLine progress_{ProgressLine::Style::kNone, stderr, clock_};
  Client client_{coordinator_.Channel(), {.server = "fake:1", .revive = nullptr, .sleep = nullptr}};
};

TEST_F(FollowTest, EndedJobEndsTheWait) {
  const FollowEnd end = Run({});
  EXPECT_FALSE(end.exit_code.has_value());
  EXPECT_EQ(ExitCodeOf(end.job), kExitDone);
}

TEST_F(FollowTest, SignalEndsTheWait) {
  job_.set_state(v1::Job::STATE_RUNNING);
  raise(SIGINT);
  EXPECT_EQ(Run({}).exit_code, 130);
}

TEST_F(FollowTest, SupervisorEndsTheWait) {
  job_.set_state(v1::Job::STATE_RUNNING);
  EXPECT_EQ(Run({.supervise = [] { return int{kExitWorkerDied}; }}).exit_code, kExitWorkerDied);
}

TEST_F(FollowTest, RefusalHasItsExitCode) {
  coordinator_.jobs.watch = [](auto&, auto&) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, "gone");
  };
  testing::internal::CaptureStderr();
  EXPECT_EQ(Run({}).exit_code, kExitNotFound);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "cusp: gone\n");
}

}  // namespace
}  // namespace cusp::client
