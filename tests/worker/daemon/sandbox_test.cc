#include "worker/daemon/sandbox.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

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
#include "tests/worker/daemon/fake_runner_env.h"
#include "worker/daemon/runner_process.h"

namespace cusp::worker {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::chrono::seconds kLong{60};

std::string SystemPath() {
  const char* path = std::getenv("PATH");
  return path == nullptr ? "" : path;
}

// A program in `folder`, of a shell's words.
std::string WriteProgram(const TempDir& folder, const std::string& name, const std::string& words) {
  const std::string path = folder.Write(name, "#!/bin/sh\n" + words + "\n");
  EXPECT_EQ(chmod(path.c_str(), 0700), 0);
  return path;
}

TEST(SandboxChoiceTest, OffTakesNone) {
  std::string note;
  const auto sandbox = ChooseSandbox(SandboxMode::kOff, SystemPath(), {}, note);
  ASSERT_THAT(sandbox, IsOk());
  EXPECT_FALSE(sandbox->has_value());
  EXPECT_THAT(note, HasSubstr("--sandbox off"));
}

TEST(SandboxChoiceTest, WithoutBubblewrapAutoGoesOnAndOnRefuses) {
  std::string note;
  const auto automatic = ChooseSandbox(SandboxMode::kAuto, "/nowhere:", {}, note);
  ASSERT_THAT(automatic, IsOk());
  EXPECT_FALSE(automatic->has_value());
  EXPECT_THAT(note, HasSubstr("install bubblewrap"));
  EXPECT_THAT(ChooseSandbox(SandboxMode::kOn, "", {}, note),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("install bubblewrap"), HasSubstr("--sandbox"))));
}

TEST(SandboxChoiceTest, BubblewrapThatTheSystemForbidsIsQuoted) {
  const TempDir folder;
  WriteProgram(folder, "bwrap", "echo 'bwrap: No permissions to create new namespace' >&2; exit 1");
  std::string note;
  const auto automatic = ChooseSandbox(SandboxMode::kAuto, "/nowhere:" + folder.path(), {}, note);
  ASSERT_THAT(automatic, IsOk());
  EXPECT_FALSE(automatic->has_value());
  EXPECT_THAT(note, HasSubstr("No permissions"));
  EXPECT_THAT(ChooseSandbox(SandboxMode::kOn, folder.path(), {}, note),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("No permissions")));
}

TEST(SandboxChoiceTest, WhatBubblewrapSaysIsOneLine) {
  const TempDir folder;
  WriteProgram(folder, "bwrap", "printf 'bwrap: no\\n\\ntry: that\\n' >&2; exit 1");
  const std::string reason =
      "the runner has no sandbox: " + folder.Join("bwrap") + ": exit code 1: bwrap: no; try: that";
  std::string note;
  EXPECT_THAT(ChooseSandbox(SandboxMode::kAuto, folder.path(), {}, note), IsOk());
  EXPECT_EQ(note, reason);
  EXPECT_EQ(ChooseSandbox(SandboxMode::kOn, folder.path(), {}, note).status().message(),
            reason + "; --sandbox auto or off starts without");
}

TEST(SandboxChoiceTest, WordsOfTheFlag) {
  EXPECT_EQ(SandboxModeOf("on"), SandboxMode::kOn);
  EXPECT_EQ(SandboxModeOf("off"), SandboxMode::kOff);
  EXPECT_EQ(SandboxModeOf("auto"), SandboxMode::kAuto);
}

TEST(SandboxTest, EndTellsTheSignal) {
  EXPECT_EQ(Sandbox::EndOf({.code = 139, .signal = 0}).signal, SIGSEGV);
  EXPECT_EQ(Sandbox::EndOf({.code = 3, .signal = 0}).code, 3);
  EXPECT_EQ(Sandbox::EndOf({.code = 0, .signal = SIGKILL}).signal, SIGKILL);
}

TEST(SandboxTest, OnlyRegularFilesAreShown) {
  const TempDir folder;
  const std::string file = folder.Write("weights", "x");
  const Sandbox sandbox({.bwrap = "bwrap", .runner = "/opt/cusp/cusp-runner"});
  const auto command = sandbox.Showing({file, folder.path(), "/tmp/none"}).Command();
  EXPECT_THAT(command, Contains(file));
  EXPECT_THAT(command, Not(Contains(folder.path())));
  EXPECT_THAT(command, Not(Contains("/tmp/none")));
  EXPECT_EQ(command.back(), "/opt/cusp/cusp-runner");
}

// With the real bwrap.
class RealSandboxTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string note;
    auto sandbox = ChooseSandbox(SandboxMode::kAuto, SystemPath(), {}, note);
    ASSERT_THAT(sandbox, IsOk());
    if (!sandbox->has_value()) {
      GTEST_SKIP() << note;
    }
  }

  // What a shell inside prints for `words`.
  std::string Inside(const std::string& words, std::vector<std::string> hidden = {}) {
    std::string note;
    const auto sandbox = ChooseSandbox(SandboxMode::kOn, SystemPath(),
                                       {.bwrap = "",
                                        .runner = WriteProgram(folder_, "program", words),
                                        .hidden_files = std::move(hidden)},
                                       note);
    EXPECT_THAT(sandbox, IsOk());
    Subprocess::Options options;
    options.argv = (*sandbox)->Command();
    const std::string out = folder_.Write("out", "");
    options.stdout_fd = open(out.c_str(), O_WRONLY | O_CLOEXEC);
    auto process = Subprocess::Spawn(options);
    close(options.stdout_fd);
    EXPECT_THAT(process, IsOk());
    EXPECT_TRUE(process->Wait(kLong).has_value());
    return ReadFile(out, 1U << 20U).value_or("unreadable");
  }

  const TempDir folder_;
};

TEST_F(RealSandboxTest, ThereIsNoNetwork) {
  EXPECT_EQ(Inside("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '"), "lo\n");
}

TEST_F(RealSandboxTest, FileSystemIsReadOnlyButForItsOwnTemporaryFolders) {
  EXPECT_EQ(Inside("for f in / /etc /usr $HOME; do touch $f/cusp-was-here 2>/dev/null && echo $f;"
                   " done; touch /tmp/mine && echo tmp"),
            "tmp\n");
  EXPECT_NE(access("/tmp/mine", F_OK), 0);
  const TempDir other;
  EXPECT_EQ(Inside("ls " + other.path() + " /run 2>/dev/null | grep -v :"), "");
}

TEST_F(RealSandboxTest, OthersProcessesAreNotToBeSeen) {
  // Itself, the shell's children, and who waits for them.
  EXPECT_EQ(Inside("ls -d /proc/[0-9]* | wc -l | grep -c '^[1-9]$'"), "1\n");
  EXPECT_EQ(Inside("grep CapEff /proc/self/status"), "CapEff:\t0000000000000000\n");
}

TEST_F(RealSandboxTest, HiddenFilesCannotBeRead) {
  // Beside the test's program, which no empty folder holds.
  const std::string folder = *ExecutableDirectory();
  for (const char* emptied : {"/tmp/", "/var/tmp/", "/run/"}) {
    if (folder.rfind(emptied, 0) == 0) {
      GTEST_SKIP() << "this build lies in " << emptied << ", of which the sandbox has its own";
    }
  }
  const std::string secret = folder + "/sandbox_test_secret";
  ASSERT_THAT(WriteFileAtomically(secret, "sesame\n"), IsOk());
  EXPECT_EQ(Inside("cat " + secret), "sesame\n");
  EXPECT_EQ(Inside("cat " + secret + " 2>/dev/null", {secret}), "");
  unlink(secret.c_str());
}

class SandboxedRunnerTest : public RealSandboxTest {
 protected:
  SandboxedRunnerTest() {
    // Where the runner can read it: its own /tmp is empty.
    EXPECT_THAT(WriteFileAtomically(script_, R"({"faults": [)"
                                             R"({"variant": 0, "length": 512, "kind": "crash"},)"
                                             R"({"variant": 0, "length": 256, "kind": "exit"}]})"),
                IsOk());
    setenv("CUSP_FAKE_RUNNER_SCRIPT", script_.c_str(), 1);
  }
  ~SandboxedRunnerTest() override {
    unsetenv("CUSP_FAKE_RUNNER_SCRIPT");
    unlink(script_.c_str());
  }

  static std::optional<Sandbox> ForFakeRunner() {
    std::string note;
    Sandbox::Options options;
    options.runner = FakeRunnerPath();
    return *ChooseSandbox(SandboxMode::kOn, SystemPath(), std::move(options), note);
  }

  // Of one step at this length by a runner of its own.
  static absl::Status RunAt(int64_t length) {
    RunnerProcessLauncher launcher(FakeRunnerPath(), ForFakeRunner());
    auto runner = launcher.Launch();
    if (!runner.ok()) {
      return runner.status();
    }
    runner::v1::Request start;
    start.mutable_start()->set_device("cpu");
    runner::v1::Request build;
    build.mutable_build()->set_variant(0);
    runner::v1::Request run;
    runner::v1::Step& step = *run.mutable_run()->add_steps();
    step.set_length(length);
    step.set_batch_size(1);
    step.set_calls(1);
    EXPECT_THAT((*runner)->Call(start, kLong), IsOk());
    EXPECT_THAT((*runner)->Call(build, kLong), IsOk());
    return (*runner)->Call(run, kLong).status();
  }

  const std::string script_ = *ExecutableDirectory() + "/sandbox_test_script.json";
};

TEST_F(SandboxedRunnerTest, AnswersAndDiesAsOneWithoutASandbox) {
  EXPECT_THAT(RunAt(64), IsOk());
  EXPECT_THAT(RunAt(512), StatusIs(absl::StatusCode::kUnavailable,
                                   AllOf(HasSubstr("signal 11"), HasSubstr("last words"))));
  EXPECT_THAT(RunAt(256), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("exit code 3")));
}

TEST_F(SandboxedRunnerTest, KillReachesTheRunnerItself) {
  Subprocess::Options options;
  options.argv = ForFakeRunner()->Command();
  options.with_socket = true;
  auto process = Subprocess::Spawn(options);
  ASSERT_THAT(process, IsOk());
  // Only once it runs has bubblewrap's inner process asked to die with the outer one.
  runner::v1::Request start;
  start.mutable_start()->set_device("cpu");
  ASSERT_THAT(WriteFrame(process->socket_fd(), start.SerializeAsString()), IsOk());
  ASSERT_THAT(ReadFrame(process->socket_fd()), IsOk());
  process->Kill(SIGKILL);
  // The far end closes when the last process that holds it is gone.
  EXPECT_THAT(ReadFrame(process->socket_fd()), StatusIs(absl::StatusCode::kOutOfRange));
}

}  // namespace
}  // namespace cusp::worker
