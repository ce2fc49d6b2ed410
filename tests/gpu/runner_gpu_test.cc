// cusp-runner on a CUDA device; skipped, with the runner's reason, without one.
#include <gtest/gtest.h>

#include <numeric>

#include "tests/worker/runner/runner_process.h"

namespace cusp::runner {
namespace {

class RunnerGpuTest : public ::testing::Test {
 protected:
  void SetUp() override {
    v1::Request request;
    request.mutable_start()->set_device("cuda:0");
    request.mutable_start()->set_threads(1);
    const v1::Response response = runner_.Call(request);
    if (response.has_failure()) {
      ASSERT_EQ(response.failure().reason(), v1::Failure::REASON_INVALID_CONFIG);
      GTEST_SKIP() << response.failure().message();
    }
    start_ = response.start();
  }

  RunnerProcess runner_;
  v1::StartResponse start_;
};

TEST_F(RunnerGpuTest, DescribesTheDevice) {
  EXPECT_EQ(start_.device(), "cuda:0");
  EXPECT_FALSE(start_.device_class().empty());
  EXPECT_FALSE(start_.driver_version().empty());
  EXPECT_GT(start_.memory_bytes(), int64_t{1} << 30);
}

TEST_F(RunnerGpuTest, TimesInferenceByEvents) {
  ASSERT_TRUE(runner_.Build(BuildOf(1, TinyBert(1024), "inference")).has_build());
  runner_.Run({StepOf(1, 512), StepOf(1, 512)});
  const v1::RunResponse run = runner_.Run({StepOf(1, 512, 20)});
  EXPECT_GT(run.results(0).duration_ns(), 0) << run.DebugString();
}

TEST_F(RunnerGpuTest, TrainingPartsAddUp) {
  ASSERT_TRUE(runner_.Build(BuildOf(1, TinyBert(1024), "training", "bfloat16")).has_build());
  const v1::RunResponse run = runner_.Run({StepOf(1, 256, 3), StepOf(1, 256, 3)});
  const v1::StepResult& result = run.results(1);
  ASSERT_EQ(result.part_ns_size(), 3) << run.DebugString();
  EXPECT_EQ(std::accumulate(result.part_ns().begin(), result.part_ns().end(), int64_t{0}),
            result.duration_ns());
}

TEST_F(RunnerGpuTest, TimesPartsByEvents) {
  for (const char* mode : {"inference", "training"}) {
    const int32_t variant = *mode;
    ASSERT_TRUE(runner_.Build(BuildOf(variant, TinyBert(1024), mode)).has_build());
    runner_.Components(StepOf(variant, 512, 2));
    // More changes than the request before had events for.
    const v1::ComponentsResponse components = runner_.Components(StepOf(variant, 512, 20));
    EXPECT_GT(components.whole_ns(), 0) << components.DebugString();
    for (const v1::PartTime& part : components.parts()) {
      EXPECT_GT(part.duration_ns(), 0) << part.name();
    }
    EXPECT_GT(components.parts_size(), 4);
  }
}

TEST_F(RunnerGpuTest, PeakIsTheAllocators) {
  ASSERT_TRUE(runner_.Build(BuildOf(1, TinyBert(4096), "inference")).has_build());
  runner_.Run({StepOf(1, 4096)});
  const v1::MemoryResponse memory = runner_.Memory();
  // Scores and probabilities of two heads: 2 * 2 * 4096^2 * 4 bytes.
  EXPECT_GT(memory.peak_bytes(), int64_t{256} << 20);
  EXPECT_GE(memory.peak_reserved_bytes(), memory.peak_bytes());
}

TEST_F(RunnerGpuTest, ExhaustionIsATypedAnswerAndTheNextStepRuns) {
  const int64_t positions = int64_t{1} << 20;
  ASSERT_TRUE(runner_.Build(BuildOf(1, TinyBert(positions), "inference")).has_build());
  const v1::RunResponse run = runner_.Run({StepOf(1, positions), StepOf(1, 64)});
  EXPECT_EQ(run.results(0).failure().reason(), v1::Failure::REASON_OUT_OF_MEMORY);
  EXPECT_GT(run.results(1).duration_ns(), 0) << run.DebugString();
}

}  // namespace
}  // namespace cusp::runner
