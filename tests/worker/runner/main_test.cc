// cusp-runner as a real process: what only shows with LibTorch loaded and a
// socket between.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <numeric>
#include <set>
#include <string>

#include "tests/support/paths.h"
#include "tests/worker/runner/runner_process.h"

namespace cusp::runner {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

constexpr auto kDeadline = seconds(60);
constexpr int64_t kGigabyte = 1 << 30;

// The address sanitizer's build has no limit of memory (worker/runner/allocator.cc), ends
// the process where there is none left, and its own memory would be counted too.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kOwnAllocator = false;
#else
constexpr bool kOwnAllocator = true;
#endif

#define SKIP_UNDER_ADDRESS_SANITIZER()                                   \
  if (!kOwnAllocator) {                                                  \
    GTEST_SKIP() << "the address sanitizer has an allocator of its own"; \
  }

TEST(RunnerProcessTest, RoundTripsMessagesWithLibTorchLoaded) {
  RunnerProcess runner;
  const v1::StartResponse start = runner.Start();
  EXPECT_EQ(start.device(), "cpu");
  EXPECT_EQ(start.threads(), 1);
  EXPECT_THAT(start.allocator(), HasSubstr("glibc"));
  EXPECT_FALSE(start.device_class().empty());
  const v1::Response build = runner.Build(BuildOf(1, TinyBert(128), "inference"));
  EXPECT_GT(build.build().parameters(), 100 * 32) << build.DebugString();
  const v1::RunResponse run = runner.Run({StepOf(1, 64, 3), StepOf(1, 17)});
  EXPECT_GT(run.results(0).duration_ns(), 0);
  EXPECT_GT(run.results(1).duration_ns(), 0);
}

TEST(RunnerProcessTest, TrainingPartsAddUp) {
  RunnerProcess runner;
  runner.Start();
  const v1::Response build = runner.Build(BuildOf(1, TinyBert(128), "training"));
  ASSERT_TRUE(build.has_build()) << build.DebugString();
  const v1::RunResponse run = runner.Run({StepOf(1, 64), StepOf(1, 64, 2)});
  for (const v1::StepResult& result : run.results()) {
    ASSERT_EQ(result.part_ns_size(), 3) << result.DebugString();
    EXPECT_EQ(std::accumulate(result.part_ns().begin(), result.part_ns().end(), int64_t{0}),
              result.duration_ns());
    EXPECT_GT(result.part_ns(2), 0);
  }
}

TEST(RunnerProcessTest, PartsOfAStepAreTimed) {
  RunnerProcess runner;
  runner.Start();
  ASSERT_TRUE(runner.Build(BuildOf(1, TinyBert(128), "training")).has_build());
  const v1::ComponentsResponse components = runner.Components(StepOf(1, 64, 2));
  EXPECT_GT(components.whole_ns(), 0) << components.DebugString();
  std::set<std::string> names;
  for (const v1::PartTime& part : components.parts()) {
    EXPECT_GT(part.duration_ns(), 0) << part.name();
    EXPECT_TRUE(names.insert(part.name()).second) << part.name();
  }
  EXPECT_THAT(names, IsSupersetOf({"embedding", "mixing", "backward", "optimizer"}));
}

TEST(RunnerProcessTest, BfloatSixteenRunsInBothModes) {
  RunnerProcess runner;
  runner.Start();
  for (const char* mode : {"inference", "training"}) {
    const int32_t variant = *mode;
    ASSERT_TRUE(runner.Build(BuildOf(variant, TinyBert(128), mode, "bfloat16")).has_build());
    const v1::RunResponse run = runner.Run({StepOf(variant, 32)});
    EXPECT_GT(run.results(0).duration_ns(), 0) << run.DebugString();
  }
}

TEST(RunnerProcessTest, BadConfigurationIsATypedFailure) {
  RunnerProcess runner;
  runner.Start();
  for (const char* config : {"", "[]", "{", R"({"model_type": "berd"})"}) {
    const v1::Response response = runner.Build(BuildOf(1, config, "inference"));
    EXPECT_EQ(response.failure().reason(), v1::Failure::REASON_INVALID_CONFIG) << config;
    EXPECT_FALSE(response.failure().message().empty());
  }
  EXPECT_TRUE(runner.Build(BuildOf(1, TinyBert(128), "inference")).has_build());
  EXPECT_EQ(runner.Run({StepOf(1, 4096)}).results(0).failure().reason(),
            v1::Failure::REASON_INVALID_CONFIG);
}

TEST(RunnerProcessTest, UnknownDeviceIsATypedFailure) {
  RunnerProcess runner;
  v1::Request request;
  request.mutable_start()->set_device("cuda:77");
  const v1::Response response = runner.Call(request);
  EXPECT_EQ(response.failure().reason(), v1::Failure::REASON_INVALID_CONFIG);
  EXPECT_THAT(response.failure().message(), HasSubstr("cuda:77"));
}

class OutOfMemoryTest : public ::testing::TestWithParam<const char*> {};

TEST_P(OutOfMemoryTest, LongLengthFailsAndShortOnesStillRun) {
  SKIP_UNDER_ADDRESS_SANITIZER();
  RunnerProcess runner;
  runner.Start("cpu", kGigabyte);
  ASSERT_TRUE(runner.Build(BuildOf(1, TinyBert(65536), GetParam())).has_build());
  for (int i = 0; i < 3; ++i) {
    const v1::RunResponse run =
        runner.Run({StepOf(1, 256), StepOf(1, 16384), StepOf(1, 65536), StepOf(1, 256)});
    EXPECT_GT(run.results(0).duration_ns(), 0) << run.DebugString();
    EXPECT_EQ(run.results(1).failure().reason(), v1::Failure::REASON_OUT_OF_MEMORY);
    EXPECT_EQ(run.results(2).failure().reason(), v1::Failure::REASON_OUT_OF_MEMORY);
    EXPECT_EQ(run.results(2).duration_ns(), 0);
    EXPECT_GT(run.results(3).duration_ns(), 0) << run.DebugString();
  }
}

TEST_P(OutOfMemoryTest, LongLengthHasNoPartsAndShortOnesStillHave) {
  SKIP_UNDER_ADDRESS_SANITIZER();
  RunnerProcess runner;
  runner.Start("cpu", kGigabyte);
  ASSERT_TRUE(runner.Build(BuildOf(1, TinyBert(65536), GetParam())).has_build());
  const v1::ComponentsResponse failed = runner.Components(StepOf(1, 16384));
  EXPECT_EQ(failed.failure().reason(), v1::Failure::REASON_OUT_OF_MEMORY);
  EXPECT_EQ(failed.parts_size(), 0);
  const v1::ComponentsResponse components = runner.Components(StepOf(1, 256));
  EXPECT_GT(components.parts_size(), 0) << components.DebugString();
}

INSTANTIATE_TEST_SUITE_P(Modes, OutOfMemoryTest, ::testing::Values("inference", "training"));

TEST(RunnerProcessTest, ModelThatDoesNotFitIsOutOfMemory) {
  SKIP_UNDER_ADDRESS_SANITIZER();
  RunnerProcess runner;
  runner.Start("cpu", kGigabyte);
  const v1::Response response = runner.Build(BuildOf(1, TinyBert(int64_t{1} << 25), "inference"));
  EXPECT_EQ(response.failure().reason(), v1::Failure::REASON_OUT_OF_MEMORY);
  EXPECT_TRUE(runner.Build(BuildOf(1, TinyBert(64), "inference")).has_build());
}

TEST(RunnerProcessTest, PeakMemoryIsTheSameInEveryProcess) {
  SKIP_UNDER_ADDRESS_SANITIZER();
  std::vector<int64_t> peaks;
  for (int i = 0; i < 2; ++i) {
    RunnerProcess runner;
    runner.Start("cpu", 0, v1::StartRequest::PURPOSE_MEMORY);
    runner.Build(BuildOf(1, TinyBert(2048), "inference"));
    runner.Run({StepOf(1, 1024)});
    peaks.push_back(runner.Memory().peak_bytes());
  }
  // Scores and probabilities of two heads alone: 2 * 2 * 1024^2 * 4 bytes.
  EXPECT_GT(peaks[0], 16 << 20);
  EXPECT_LT(peaks[0], 40 << 20);
  EXPECT_NEAR(static_cast<double>(peaks[0]), static_cast<double>(peaks[1]), 1 << 20);
}

TEST(RunnerProcessTest, EndsCleanlyWhenTheSocketCloses) {
  RunnerProcess runner;
  runner.Start();
  runner.process().CloseSocket();
  const auto status = runner.process().Wait(kDeadline);
  ASSERT_TRUE(status.has_value());
  EXPECT_TRUE(status->ok()) << status->ToString();
}

TEST(RunnerProcessTest, GarbageEndsItWithItsOwnExitCode) {
  RunnerProcess runner;
  runner.Send(std::string("\x03\x00\x00\x00\xff\xff\xff", 7));
  const auto status = runner.process().Wait(kDeadline);
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->code, 3);
}

TEST(RunnerProcessTest, EndsOnASignalWhileServing) {
  RunnerProcess runner;
  runner.Start();
  const ExitStatus status = runner.process().Terminate(kDeadline);
  EXPECT_EQ(status.signal, SIGTERM);
}

TEST(RunnerProcessTest, StartedByHandExplainsItself) {
  auto process = Subprocess::Spawn({.argv = {BinFolder() + "/cusp-runner"}, .extra_env = {}});
  ASSERT_TRUE(process.ok());
  const auto status = process->Wait(kDeadline);
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->code, 2);
}

TEST(RunnerProcessTest, UnknownArgumentIsBadUsage) {
  auto process =
      Subprocess::Spawn({.argv = {BinFolder() + "/cusp-runner", "backward"}, .extra_env = {}});
  ASSERT_TRUE(process.ok());
  EXPECT_EQ(process->Wait(kDeadline)->code, 2);
}

}  // namespace
}  // namespace cusp::runner
