#include "common/subprocess.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/file.h"
#include "common/frame.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp {
namespace {

using ::testing::HasSubstr;

constexpr std::chrono::seconds kLong(60);

Subprocess::Options Shell(const std::string& script) {
  return {.argv = {"/bin/sh", "-c", script}, .extra_env = {}};
}

ExitStatus RunToEnd(const Subprocess::Options& options) {
  auto child = Subprocess::Spawn(options);
  EXPECT_THAT(child, IsOk());
  const auto status = child->Wait(kLong);
  EXPECT_TRUE(status.has_value());
  return status.value_or(ExitStatus{.code = -1});
}

// What a script prints.
std::string Output(Subprocess::Options options) {
  const TempDir dir;
  const std::string path = dir.Write("out", "");
  options.stdout_fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  EXPECT_TRUE(RunToEnd(options).ok());
  close(options.stdout_fd);
  return ReadFile(path, 1U << 20U).value_or("unreadable");
}

bool Exists(pid_t pid) { return kill(pid, 0) == 0 || errno != ESRCH; }

// Blocks until the child has written one byte to its socket.
void AwaitReady(const Subprocess& child) {
  char byte = 0;
  ASSERT_EQ(read(child.socket_fd(), &byte, 1), 1);
}

TEST(ExitStatusTest, SaysHowItEnded) {
  EXPECT_EQ((ExitStatus{.code = 3}).ToString(), "exit code 3");
  EXPECT_EQ((ExitStatus{.signal = 9}).ToString(), "killed by signal 9 (Killed)");
}

TEST(SubprocessTest, GivesTheExitCode) {
  EXPECT_TRUE(RunToEnd(Shell("exit 0")).ok());
  EXPECT_EQ(RunToEnd(Shell("exit 7")).code, 7);
}

TEST(SubprocessTest, GivesTheSignal) {
  const ExitStatus status = RunToEnd(Shell("kill -SEGV $$"));
  EXPECT_EQ(status.signal, SIGSEGV);
  EXPECT_FALSE(status.ok());
}

TEST(SubprocessTest, MissingExecutableIsNotFound) {
  EXPECT_THAT(Subprocess::Spawn({.argv = {"/nonexistent/runner"}, .extra_env = {}}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nonexistent/runner")));
}

TEST(SubprocessTest, FileThatIsNoProgramIsUnavailable) {
  const TempDir dir;
  const std::string path = dir.Write("data", "x");
  EXPECT_THAT(Subprocess::Spawn({.argv = {path}, .extra_env = {}}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(path)));
}

TEST(SubprocessTest, AddsToTheEnvironment) {
  Subprocess::Options options = Shell("printf %s \"$CUSP_TEST_ADDED\"");
  options.extra_env = {"CUSP_TEST_ADDED=a=b c"};
  EXPECT_EQ(Output(options), "a=b c");
}

TEST(SubprocessTest, ReplacesAnInheritedVariable) {
  setenv("CUSP_TEST_REPLACED", "old", 1);
  Subprocess::Options options = Shell("env | grep ^CUSP_TEST_REPLACED");
  options.extra_env = {"CUSP_TEST_REPLACED=new"};
  EXPECT_EQ(Output(options), "CUSP_TEST_REPLACED=new\n");
  unsetenv("CUSP_TEST_REPLACED");
}

TEST(SubprocessTest, GetsNothingElseWhereItShallNotInherit) {
  setenv("CUSP_TEST_INHERITED", "secret", 1);
  Subprocess::Options options = {.argv = {"/usr/bin/env"}, .extra_env = {"ONLY=this"}};
  options.inherit_env = false;
  EXPECT_EQ(Output(options), "ONLY=this\n");
  unsetenv("CUSP_TEST_INHERITED");
}

TEST(SubprocessTest, SocketCarriesBytesBothWays) {
  Subprocess::Options options = Shell("exec cat <&3 >&3");
  options.with_socket = true;
  auto child = Subprocess::Spawn(options);
  ASSERT_THAT(child, IsOk());
  EXPECT_THAT(WriteFrame(child->socket_fd(), "ping"), IsOk());
  EXPECT_THAT(ReadFrame(child->socket_fd()), IsOkAndHolds("ping"));
  child->CloseSocket();
  EXPECT_EQ(child->socket_fd(), -1);
  const auto status = child->Wait(kLong);
  ASSERT_TRUE(status.has_value());
  EXPECT_TRUE(status->ok());
}

TEST(SubprocessTest, ReadsEndOfStreamWhenTheChildDies) {
  Subprocess::Options options = Shell("exit 0");
  options.with_socket = true;
  auto child = Subprocess::Spawn(options);
  ASSERT_THAT(child, IsOk());
  EXPECT_THAT(ReadFrame(child->socket_fd()), StatusIs(absl::StatusCode::kOutOfRange));
}

TEST(SubprocessTest, ChildHasNoDescriptorsButItsOwn) {
  // Without close-on-exec, as some library may have opened it.
  const int leaked = open("/dev/null", O_RDONLY);
  const int high = fcntl(leaked, F_DUPFD, 100);
  ASSERT_GE(high, 100);
  Subprocess::Options options = Shell("test -e /proc/$$/fd/100 && echo leaked || echo clean");
  EXPECT_EQ(Output(options), "clean\n");
  options.with_socket = true;
  EXPECT_EQ(Output(options), "clean\n");
  close(leaked);
  close(high);
}

TEST(SubprocessTest, StdinIsEmptyUnlessGiven) {
  EXPECT_EQ(Output(Shell("cat; echo end")), "end\n");
}

TEST(SubprocessTest, WaitEndsAtItsTimeoutAndRepeatsItsAnswer) {
  auto child = Subprocess::Spawn(Shell("exec sleep 600"));
  ASSERT_THAT(child, IsOk());
  EXPECT_FALSE(child->Wait(std::chrono::milliseconds(1)).has_value());
  child->Kill(SIGKILL);
  const auto first = child->Wait(std::chrono::milliseconds::max());
  const auto second = child->Wait(std::chrono::milliseconds(0));
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(first->signal, SIGKILL);
  EXPECT_EQ(second->signal, SIGKILL);
}

TEST(SubprocessTest, EndedChildLeavesNoZombie) {
  auto child = Subprocess::Spawn(Shell("exit 0"));
  ASSERT_THAT(child, IsOk());
  ASSERT_TRUE(child->Wait(kLong).has_value());
  EXPECT_FALSE(Exists(child->pid()));
  child->Kill(SIGKILL);  // harmless, whoever has the number now
}

TEST(SubprocessTest, DestructorKillsAndReaps) {
  pid_t pid = -1;
  {
    auto child = Subprocess::Spawn(Shell("trap '' TERM INT; while :; do sleep 0.01; done"));
    ASSERT_THAT(child, IsOk());
    pid = child->pid();
    EXPECT_TRUE(Exists(pid));
  }
  EXPECT_FALSE(Exists(pid));
}

TEST(SubprocessTest, MovingKeepsTheChildAlive) {
  auto spawned = Subprocess::Spawn(Shell("exec sleep 600"));
  ASSERT_THAT(spawned, IsOk());
  std::optional<Subprocess> child = *std::move(spawned);
  const pid_t pid = child->pid();
  EXPECT_TRUE(Exists(pid));
  child.reset();
  EXPECT_FALSE(Exists(pid));
}

TEST(SubprocessTest, TerminateIsGentleFirst) {
  Subprocess::Options options = Shell("trap 'exit 5' TERM; echo >&3; while :; do sleep 0.01; done");
  options.with_socket = true;
  auto child = Subprocess::Spawn(options);
  ASSERT_THAT(child, IsOk());
  AwaitReady(*child);
  EXPECT_EQ(child->Terminate(kLong).code, 5);
}

TEST(SubprocessTest, TerminateKillsWhoeverIgnoresIt) {
  Subprocess::Options options = Shell("trap '' TERM; echo >&3; while :; do sleep 0.01; done");
  options.with_socket = true;
  auto child = Subprocess::Spawn(options);
  ASSERT_THAT(child, IsOk());
  AwaitReady(*child);
  EXPECT_EQ(child->Terminate(std::chrono::milliseconds(50)).signal, SIGKILL);
}

TEST(SubprocessTest, JoinsANewProcessGroupOnRequest) {
  Subprocess::Options options = Shell("echo >&3; exec sleep 600");
  options.with_socket = true;
  auto with_ours = Subprocess::Spawn(options);
  options.new_process_group = true;
  auto with_its_own = Subprocess::Spawn(options);
  ASSERT_THAT(with_ours, IsOk());
  ASSERT_THAT(with_its_own, IsOk());
  AwaitReady(*with_its_own);
  EXPECT_EQ(getpgid(with_ours->pid()), getpgrp());
  EXPECT_EQ(getpgid(with_its_own->pid()), with_its_own->pid());
}

TEST(SubprocessTest, BlockedAndIgnoredSignalsAreNotInherited) {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto old_handler = signal(SIGUSR1, SIG_IGN);
  EXPECT_EQ(RunToEnd(Shell("kill -TERM $$; exit 0")).signal, SIGTERM);
  EXPECT_EQ(RunToEnd(Shell("kill -USR1 $$; exit 0")).signal, SIGUSR1);
  signal(SIGUSR1, old_handler);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(SubprocessTest, ExitStatusIsKeptWhereTheStarterIgnoredSigchld) {
  const auto old_handler = signal(SIGCHLD, SIG_IGN);
  EXPECT_EQ(RunToEnd(Shell("exit 7")).code, 7);
  signal(SIGCHLD, old_handler);
}

TEST(SubprocessTest, ClosedStandardDescriptorsDoNotConfuseTheSocket) {
  // In a process of its own, since it closes its standard input and output.
  EXPECT_EXIT(
      {
        close(STDIN_FILENO);
        close(STDOUT_FILENO);
        Subprocess::Options options = Shell("exec cat <&3 >&3");
        options.with_socket = true;
        auto child = Subprocess::Spawn(options);
        const bool ok = child.ok() && WriteFrame(child->socket_fd(), "ping").ok() &&
                        ReadFrame(child->socket_fd()).value_or("") == "ping";
        std::_Exit(ok ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace cusp
