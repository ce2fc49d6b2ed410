// cusp-runner on a CUDA device; skipped, with the runner's reason, without one.
#include <gtest/gtest.h>

#include <numeric>
#include <set>
#include <string>

#include "tests/gpu/gpu_runner.h"

namespace cusp::runner {
namespace {

using RunnerGpuTest = GpuRunnerTest;

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

TEST_F(RunnerGpuTest, EveryModeRunsInEveryNumberType) {
  int32_t variant = 0;
  for (const char* mode : {"inference", "training", "decode"}) {
    for (const char* dtype : {"float32", "bfloat16", "float16"}) {
      const bool decodes = mode == std::string("decode");
      ASSERT_TRUE(
          runner_.Build(BuildOf(++variant, decodes ? TinyDecoder(512) : TinyBert(512), mode, dtype))
              .has_build())
          << mode << " " << dtype;
      const v1::RunResponse run = runner_.Run({StepOf(variant, 128, 3)});
      EXPECT_GT(run.results(0).duration_ns(), 0) << mode << " " << dtype << run.DebugString();
      EXPECT_EQ(run.allocator_retries(), 0);
    }
  }
}

TEST_F(RunnerGpuTest, StepsOfDecodingAreTimedByEvents) {
  ASSERT_TRUE(runner_.Build(BuildOf(1, TinyDecoder(512), "decode", "bfloat16")).has_build());
  v1::Step each = StepOf(1, 256, 20);
  each.set_reach(16);
  each.set_each_call(true);
  v1::Step first = StepOf(1, 256, 1);
  first.set_first_token(true);
  const v1::RunResponse run = runner_.Run({each, first});
  const v1::StepResult& steps = run.results(0);
  ASSERT_EQ(steps.call_ns_size(), 20) << run.DebugString();
  EXPECT_EQ(std::accumulate(steps.call_ns().begin(), steps.call_ns().end(), int64_t{0}),
            steps.duration_ns());
  EXPECT_GT(run.results(1).duration_ns(), 0);
  each.set_each_call(false);
  EXPECT_GT(runner_.Components(each).parts_size(), 3);
}

TEST_F(RunnerGpuTest, EveryAttentionRunsOrIsRefusedWithTheReason) {
  int32_t variant = 0;
  std::set<std::string> ran;
  for (const char* attention : {"eager", "sdpa", "math", "flash", "efficient", "cudnn"}) {
    v1::BuildRequest build = BuildOf(++variant, TinyBert(512), "inference", "bfloat16");
    build.set_attention(attention);
    const v1::Response built = runner_.Build(build);
    v1::Failure failure = built.failure();
    if (built.has_build()) {
      const v1::StepResult result = runner_.Run({StepOf(variant, 256)}).results(0);
      failure = result.failure();
      if (!result.has_failure()) {
        ran.insert(attention);
        EXPECT_FALSE(result.attention_used().empty()) << attention;
        continue;
      }
    }
    EXPECT_EQ(failure.reason(), v1::Failure::REASON_INVALID_CONFIG) << failure.DebugString();
    EXPECT_FALSE(failure.message().empty()) << attention;
  }
  EXPECT_TRUE(ran.contains("eager") && ran.contains("sdpa") && ran.contains("math"));
}

TEST_F(RunnerGpuTest, CeilingsAreOfTheDevice) {
  v1::Request request;
  for (const char* dtype : {"float32", "bfloat16", "float16"}) {
    request.mutable_measure_ceiling()->add_dtypes(dtype);
  }
  const v1::Response response = runner_.Call(request);
  ASSERT_EQ(response.measure_ceiling().products_size(), 3) << response.DebugString();
  // Half the width on tensor cores: no such GPU is as slow in it as in float32.
  EXPECT_GT(response.measure_ceiling().products(1).flops_per_second(),
            response.measure_ceiling().products(0).flops_per_second());
  EXPECT_GT(response.measure_ceiling().bytes_per_second(), 0);
  EXPECT_GT(response.measure_ceiling().launch_seconds(), 0);
}

TEST_F(RunnerGpuTest, PeakIsTheAllocators) {
  ASSERT_TRUE(runner_.Build(BuildOf(1, TinyBert(4096), "inference")).has_build());
  runner_.Run({StepOf(1, 4096)});
  const v1::MemoryResponse memory = runner_.Memory();
  // Scores and probabilities of two heads: 2 * 2 * 4096^2 * 4 bytes.
  EXPECT_GT(memory.peak_bytes(), int64_t{256} << 20);
  EXPECT_GE(memory.peak_reserved_bytes(), memory.peak_bytes());
  EXPECT_GE(memory.device_used_bytes(), memory.peak_reserved_bytes());
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
