#include "worker/daemon/runner_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "tests/support/status_matchers.h"
#include "tests/worker/daemon/fake_runner_env.h"

namespace cusp::worker {
namespace {

using runner::v1::Request;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Connection = std::unique_ptr<measure::RunnerConnection>;

constexpr std::chrono::seconds kLong{60};

Request StartRequest() {
  Request request;
  request.mutable_start()->set_device("cpu");
  return request;
}

Request BuildRequest() {
  Request request;
  request.mutable_build()->set_variant(0);
  return request;
}

Request RunRequest(int64_t length) {
  Request request;
  runner::v1::Step& step = *request.mutable_run()->add_steps();
  step.set_length(length);
  step.set_batch_size(1);
  step.set_calls(1);
  return request;
}

// Whether this process has any child, running or dead.
bool HasChild() {
  siginfo_t info{};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

std::string FaultAt512(const std::string& kind) {
  return R"({"faults": [{"variant": 0, "length": 512, "kind": ")" + kind + R"("}]})";
}

class RunnerProcessTest : public ::testing::Test {
 protected:
  // Status of running at length 512 with this fault there.
  absl::Status RunWithFault(const std::string& kind, Clock::Duration timeout = kLong) {
    const ScriptInEnvironment script(FaultAt512(kind));
    Connection runner = *launcher_.Launch();
    EXPECT_THAT(runner->Call(StartRequest(), kLong), IsOk());
    EXPECT_THAT(runner->Call(BuildRequest(), kLong), IsOk());
    const absl::Status status = runner->Call(RunRequest(512), timeout).status();
    EXPECT_FALSE(HasChild()) << "not reaped";
    EXPECT_EQ(runner->Call(RunRequest(64), kLong).status(), status) << "dead for good";
    return status;
  }

  RunnerProcessLauncher launcher_{FakeRunnerPath()};
};

TEST_F(RunnerProcessTest, AnswersInOrder) {
  {
    Connection runner = *launcher_.Launch();
    const auto started = runner->Call(StartRequest(), kLong);
    ASSERT_THAT(started, IsOk());
    EXPECT_EQ(started->start().device_class(), "Fake CPU");
    EXPECT_THAT(runner->Call(BuildRequest(), kLong), IsOk());
    const auto run = runner->Call(RunRequest(512), kLong);
    ASSERT_THAT(run, IsOk());
    EXPECT_GT(run->run().results(0).duration_ns(), 0);
  }
  EXPECT_FALSE(HasChild());
}

TEST_F(RunnerProcessTest, CrashTellsSignalAndLastWords) {
  // It writes more than a pipe holds before it dies.
  EXPECT_THAT(RunWithFault("crash"),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("signal 11"), HasSubstr("last words"))));
}

TEST_F(RunnerProcessTest, ExitTellsItsCode) {
  EXPECT_THAT(RunWithFault("exit"),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("exit code 3"), HasSubstr("misbehaving as told"))));
}

TEST_F(RunnerProcessTest, HangIsKilledAtItsDeadline) {
  EXPECT_THAT(RunWithFault("hang", std::chrono::milliseconds(200)),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("within 200 ms")));
}

TEST_F(RunnerProcessTest, GarbageIsKilled) {
  EXPECT_THAT(RunWithFault("garbage"), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(RunnerProcessTest, EndInsideAnAnswerIsADeath) {
  EXPECT_THAT(RunWithFault("cut"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("exit code 0")));
}

TEST_F(RunnerProcessTest, OutOfMemoryIsAnAnswer) {
  const ScriptInEnvironment script(FaultAt512("oom"));
  Connection runner = *launcher_.Launch();
  ASSERT_THAT(runner->Call(StartRequest(), kLong), IsOk());
  ASSERT_THAT(runner->Call(BuildRequest(), kLong), IsOk());
  const auto run = runner->Call(RunRequest(512), kLong);
  ASSERT_THAT(run, IsOk());
  EXPECT_EQ(run->run().results(0).failure().reason(), runner::v1::Failure::REASON_OUT_OF_MEMORY);
  EXPECT_THAT(runner->Call(RunRequest(64), kLong), IsOk());
}

TEST_F(RunnerProcessTest, MissingExecutableIsNamed) {
  RunnerProcessLauncher launcher("/nowhere/cusp-runner");
  EXPECT_THAT(launcher.Launch(),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("/nowhere/cusp-runner"), HasSubstr("--runner"))));
}

TEST_F(RunnerProcessTest, StopAllEndsAWaitingCallAndAllLaunches) {
  const ScriptInEnvironment script(FaultAt512("hang"));
  Connection runner = *launcher_.Launch();
  ASSERT_THAT(runner->Call(StartRequest(), kLong), IsOk());
  ASSERT_THAT(runner->Call(BuildRequest(), kLong), IsOk());
  ASSERT_THAT(runner->Send(RunRequest(512)), IsOk());
  std::thread stopper([this] { launcher_.StopAll(); });
  EXPECT_THAT(runner->Receive(kLong), StatusIs(absl::StatusCode::kUnavailable));
  stopper.join();
  EXPECT_THAT(launcher_.Launch(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_FALSE(HasChild());
}

}  // namespace
}  // namespace cusp::worker
