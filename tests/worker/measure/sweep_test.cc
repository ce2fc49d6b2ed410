#include "worker/measure/sweep.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "catalog/metrics.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

using Fault = ScriptedFault;
using ::testing::HasSubstr;
using ::testing::Not;
using End = SweepEnd::Kind;

// The scripted defaults cross at 500 in latency; in memory
// 1e6 + 1e3 n + 4 n^2 = 1.2e6 + 2.2e3 n, so n = 419.
constexpr double kLatencyCrossing = 500;
constexpr double kMemoryCrossing = 419;

class SweepTest : public ::testing::Test {
 protected:
  SweepTest() {
    options_.target = MakeTarget(MakeSpec());
    options_.blocks.noise.proc_stat = "/dev/null";
  }

  SweepEnd Run(Script script = {}) {
    launcher_ = std::make_unique<FakeLauncher>(std::move(script), clock_);
    return RunSweep(options_, {.launcher = *launcher_, .host = host_, .clock = clock_});
  }

  FakeClock clock_;
  FakeHost host_;
  SweepOptions options_;
  std::unique_ptr<FakeLauncher> launcher_;
};

TEST_F(SweepTest, FindsThePlantedCrossing) {
  const SweepEnd end = Run();
  ASSERT_EQ(end.kind, End::kSucceeded) << end.failure.message();
  ASSERT_EQ(end.result.comparisons_size(), 1);
  const v1::Comparison& comparison = end.result.comparisons(0);
  EXPECT_EQ(comparison.verdict(), v1::VERDICT_CROSSES);
  EXPECT_NEAR(comparison.first().length(), kLatencyCrossing, 0.05 * kLatencyCrossing);
  EXPECT_EQ(comparison.baseline(), "bert");
  EXPECT_EQ(comparison.dtype(), v1::DTYPE_FLOAT32);
  EXPECT_EQ(launcher_->launches(), 1);
}

TEST_F(SweepTest, BlocksAreNumberedWithoutGaps) {
  options_.last_block = 7;
  Run();
  int64_t next = 8;
  for (const v1::Block& block : host_.blocks) {
    EXPECT_EQ(block.block(), next++);
    EXPECT_GE(block.samples_size(), 2);
  }
  EXPECT_GT(next, 8);
}

TEST_F(SweepTest, BaselineIsComparedWithItself) {
  const SweepEnd end = Run();
  ASSERT_TRUE(end.result.has_self_check());
  const v1::SelfCheck& check = end.result.self_check();
  EXPECT_EQ(check.variant(), "bert");
  EXPECT_EQ(check.length(), 128);
  EXPECT_EQ(check.blocks(), 8);
  EXPECT_NEAR(check.median_ratio(), 1, 0.01);
  EXPECT_FALSE(check.differs());
  EXPECT_THAT(end.result.comparisons(0).note(), Not(HasSubstr("A/A")));
  for (const v1::Cost& cost : end.result.costs()) {
    EXPECT_EQ(cost.metric(), v1::METRIC_LATENCY);
  }
}

TEST_F(SweepTest, CheckGoesOnWhereAnEarlierAttemptEnded) {
  Run();
  const auto first = std::find_if(host_.blocks.begin(), host_.blocks.end(),
                                  [](const v1::Block& b) { return b.length() == 128; });
  options_.committed.assign(host_.blocks.begin(), first + 1);
  // As a store gives samples back: by position.
  std::sort(options_.committed.back().mutable_samples()->begin(),
            options_.committed.back().mutable_samples()->end(),
            [](const v1::Sample& a, const v1::Sample& b) { return a.order() < b.order(); });
  options_.last_block = options_.committed.back().block();
  host_ = FakeHost();
  EXPECT_EQ(Run().result.self_check().blocks(), 8);
  const auto pairs = std::count_if(host_.blocks.begin(), host_.blocks.end(), [](const auto& block) {
    return std::any_of(block.samples().begin(), block.samples().end(),
                       [](const auto& sample) { return sample.metric() == v1::METRIC_SAME_AGAIN; });
  });
  EXPECT_EQ(pairs, 7);
}

TEST_F(SweepTest, ResumesWithoutMeasuringAgain) {
  host_.stop = StopRequest::kAfterBlock;
  host_.stop_after_blocks = 10;
  ASSERT_EQ(Run().kind, End::kStopped);
  const std::vector<v1::Block> first = host_.blocks;
  ASSERT_EQ(first.size(), 10U);

  host_ = FakeHost();
  options_.committed = first;
  options_.last_block = 10;
  const SweepEnd resumed = Run();
  const size_t rest = host_.blocks.size();
  EXPECT_EQ(host_.blocks.front().block(), 11);
  ASSERT_EQ(resumed.kind, End::kSucceeded);
  EXPECT_NEAR(resumed.result.comparisons(0).first().length(), kLatencyCrossing,
              0.05 * kLatencyCrossing);

  host_ = FakeHost();
  options_.committed.clear();
  options_.last_block = 0;
  Run();
  EXPECT_NEAR(static_cast<double>(rest + first.size()), static_cast<double>(host_.blocks.size()),
              0.5 * static_cast<double>(host_.blocks.size()));
}

TEST_F(SweepTest, FinishedSweepNeedsNoRunner) {
  Run();
  options_.committed = host_.blocks;
  options_.last_block = host_.blocks.back().block();
  host_ = FakeHost();
  EXPECT_EQ(Run().kind, End::kSucceeded);
  EXPECT_EQ(launcher_->launches(), 0);
  EXPECT_TRUE(host_.blocks.empty());
}

TEST_F(SweepTest, FormulasWaitForARunnerToSayWhereTheyAre) {
  options_.target.spec.clear_metrics();
  options_.target.spec.add_metrics(v1::METRIC_FLOPS);
  const SweepEnd end = Run();
  ASSERT_EQ(end.kind, End::kSucceeded) << end.failure.message();
  EXPECT_EQ(launcher_->launches(), 1);
  EXPECT_FALSE(host_.commits_before_start);
}

TEST_F(SweepTest, MemoryCrossingIsExactWithOneProbeEach) {
  options_.target.device = "cuda:0";
  options_.target.spec.clear_metrics();
  options_.target.spec.add_metrics(v1::METRIC_PEAK_MEMORY);
  const SweepEnd end = Run();
  ASSERT_EQ(end.kind, End::kSucceeded) << end.failure.message();
  const v1::Crossing& first = end.result.comparisons(0).first();
  EXPECT_LE(first.low(), kMemoryCrossing);
  EXPECT_GE(first.high(), kMemoryCrossing);
  EXPECT_LE(first.high() - first.low(), 32);
  std::set<int64_t> lengths;
  for (const v1::Block& block : host_.blocks) {
    EXPECT_TRUE(lengths.insert(block.length()).second) << "probed twice at " << block.length();
  }
  EXPECT_EQ(launcher_->launches(), static_cast<int>(2 * lengths.size()));
}

TEST_F(SweepTest, EachMetricAndBatchGetsItsComparison) {
  options_.target.device = "cuda:0";
  options_.target.spec.add_metrics(v1::METRIC_PEAK_MEMORY);
  options_.target.spec.add_batch_sizes(4);
  const SweepEnd end = Run();
  ASSERT_EQ(end.kind, End::kSucceeded);
  std::set<std::pair<int, int>> seen;
  for (const v1::Comparison& comparison : end.result.comparisons()) {
    if (comparison.metric() == v1::METRIC_HOST_MEMORY) {
      continue;  // recorded beside
    }
    EXPECT_EQ(comparison.verdict(), v1::VERDICT_CROSSES);
    seen.insert({comparison.metric(), comparison.batch_size()});
  }
  EXPECT_EQ(seen.size(), 4U);
}

TEST_F(SweepTest, EveryMetricOfAJobIsMeasured) {
  options_.target.spec.clear_metrics();
  std::set<int> asked;
  for (const v1::Metric metric : catalog::MetricsOfJobs()) {
    if (metric != v1::METRIC_ENERGY) {
      options_.target.spec.add_metrics(metric);
      asked.insert(metric);
    }
  }
  const SweepEnd end = Run({.call_seconds = 1e-3, .memory_limit = 1e9});
  ASSERT_EQ(end.kind, End::kSucceeded) << end.failure.message();
  // The memory that probes look for is not held by the runner of the latencies.
  EXPECT_EQ(launcher_->most_alive(), 1);
  std::set<int> costs;
  for (const v1::Cost& cost : end.result.costs()) {
    costs.insert(cost.metric());
  }
  std::set<int> compared;
  for (const v1::Comparison& comparison : end.result.comparisons()) {
    compared.insert(comparison.metric());
  }
  EXPECT_TRUE(std::includes(costs.begin(), costs.end(), asked.begin(), asked.end()));
  for (const v1::Metric beside :
       {v1::METRIC_BEST_BATCH, v1::METRIC_LARGEST_BATCH, v1::METRIC_LARGEST_BATCH_THROUGHPUT,
        v1::METRIC_HOST_MEMORY, v1::METRIC_COMPONENT_MIXING}) {
    EXPECT_TRUE(costs.contains(beside)) << catalog::ToText(beside);
  }
  asked.erase(v1::METRIC_COMPONENTS);
  EXPECT_TRUE(std::includes(compared.begin(), compared.end(), asked.begin(), asked.end()));
  EXPECT_TRUE(compared.contains(v1::METRIC_COMPONENT_MIXING));
  EXPECT_FALSE(compared.contains(v1::METRIC_BEST_BATCH));
}

TEST_F(SweepTest, PartsOfTrainingStepsAreCompared) {
  options_.target.spec.set_modes(0, v1::MODE_TRAINING);
  options_.target.mode = v1::MODE_TRAINING;
  const SweepEnd end = Run();
  ASSERT_EQ(end.kind, End::kSucceeded) << end.failure.message();
  ASSERT_EQ(end.result.comparisons_size(), 4);
  for (const v1::Comparison& comparison : end.result.comparisons()) {
    EXPECT_EQ(comparison.verdict(), v1::VERDICT_CROSSES);
    EXPECT_NEAR(comparison.first().length(), kLatencyCrossing, 0.1 * kLatencyCrossing);
  }
  EXPECT_EQ(end.result.comparisons(3).metric(), v1::METRIC_OPTIMIZER);
}

TEST_F(SweepTest, OutOfMemoryIsDataAndTheSweepGoesOn) {
  const SweepEnd end = Run({.memory_limit = 5e6});
  ASSERT_EQ(end.kind, End::kSucceeded);
  bool exhausted = false;
  for (const v1::Cost& cost : end.result.costs()) {
    exhausted = exhausted || cost.outcome() == v1::OUTCOME_OUT_OF_MEMORY;
  }
  EXPECT_TRUE(exhausted);
  EXPECT_NEAR(end.result.comparisons(0).first().length(), kLatencyCrossing,
              0.05 * kLatencyCrossing);
}

TEST_F(SweepTest, CrashingPointIsRecordedAndTheSweepGoesOn) {
  const SweepEnd end =
      Run({.faults = {{.kind = Fault::Kind::kCrash, .variant = 1, .length = 64, .times = -1}}});
  ASSERT_EQ(end.kind, End::kSucceeded);
  int crashed = 0;
  for (const v1::Cost& cost : end.result.costs()) {
    crashed += cost.outcome() == v1::OUTCOME_CRASHED ? 1 : 0;
  }
  EXPECT_EQ(crashed, 1);
  EXPECT_EQ(end.result.comparisons(0).verdict(), v1::VERDICT_CROSSES);
}

TEST_F(SweepTest, RefusedVariantFailsTheSweep) {
  const SweepEnd end =
      Run({.faults = {{.kind = Fault::Kind::kInvalid, .variant = 1, .length = 0, .times = -1}}});
  EXPECT_EQ(end.kind, End::kFailed);
  EXPECT_EQ(end.failure.reason(), v1::Failure::REASON_INVALID_CONFIG);
  EXPECT_THAT(end.failure.message(), HasSubstr("linformer-0"));
  EXPECT_TRUE(host_.blocks.empty());
}

TEST_F(SweepTest, RunnerThatAlwaysCrashesFailsTheSweep) {
  const SweepEnd end = Run({.faults = {{.kind = Fault::Kind::kCrash, .variant = -1}}});
  EXPECT_EQ(end.kind, End::kFailed);
  EXPECT_EQ(end.failure.reason(), v1::Failure::REASON_CRASHED);
}

TEST_F(SweepTest, MissingRunnerFailsTheSweep) {
  launcher_ = std::make_unique<FakeLauncher>(Script(), clock_);
  launcher_->Break(absl::NotFoundError("no such runner"));
  const SweepEnd end = RunSweep(options_, {.launcher = *launcher_, .host = host_, .clock = clock_});
  EXPECT_EQ(end.kind, End::kFailed);
  EXPECT_THAT(end.failure.message(), HasSubstr("no such runner"));
}

TEST_F(SweepTest, SpentBudgetEndsWithWhatIsKnown) {
  options_.target.spec.mutable_budget()->set_seconds(3);
  options_.target.spec.add_metrics(v1::METRIC_PEAK_MEMORY);
  const auto begin = clock_.Now();
  const SweepEnd end = Run({.variants = {{.seconds = {.a = 0.1, .b = 0, .c = 1e-7}, .bytes = {}},
                                         {.seconds = {.a = 0.12, .b = 0, .c = 0}, .bytes = {}}}});
  EXPECT_EQ(end.kind, End::kSucceeded);
  EXPECT_LT(clock_.Now() - begin, std::chrono::seconds(8));
  EXPECT_THAT(end.result.comparisons(0).note(), HasSubstr("budget of 3 s"));
  // Something was kept for the other metric.
  EXPECT_EQ(host_.blocks.back().samples(0).metric(), v1::METRIC_PEAK_MEMORY);
}

TEST_F(SweepTest, DisturbedBlockIsMeasuredLater) {
  const TempDir folder;
  options_.blocks.noise.proc_stat = folder.Join("stat");
  int64_t disturbed = 0;
  uint64_t steal = 0;
  folder.Write("stat", "cpu 0 0 0 0 0 0 0 0\n");
  launcher_ = std::make_unique<FakeLauncher>(Script(), clock_);
  launcher_->OnRun([&](const runner::v1::RunRequest& run) {
    // Warm-up steps come alone, a block's together.
    if (run.steps_size() >= 2 && disturbed == 0) {
      disturbed = run.steps(0).length();
      steal += 100;
    }
    folder.Write("stat", "cpu 0 0 0 0 0 0 0 " + std::to_string(steal) + "\n");
  });
  const SweepEnd end = RunSweep(options_, {.launcher = *launcher_, .host = host_, .clock = clock_});
  ASSERT_EQ(end.kind, End::kSucceeded);
  ASSERT_GE(host_.blocks.size(), 4U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_NE(host_.blocks[i].length(), disturbed);
  }
  EXPECT_TRUE(std::any_of(host_.blocks.begin(), host_.blocks.end(),
                          [&](const v1::Block& block) { return block.length() == disturbed; }));
  EXPECT_THAT(end.result.comparisons(0).note(), HasSubstr("1 disturbed block was discarded"));
}

TEST_F(SweepTest, AbandonedSweepStopsWithoutAResult) {
  host_.stop = StopRequest::kNow;
  host_.stop_after_blocks = 3;
  const SweepEnd end = Run();
  EXPECT_EQ(end.kind, End::kStopped);
  EXPECT_EQ(host_.blocks.size(), 3U);
}

TEST_F(SweepTest, DrainAfterTheLastBlockIsNoRelease) {
  Run();
  host_.stop_after_blocks = static_cast<int>(host_.blocks.size());
  host_.blocks.clear();
  host_.stop = StopRequest::kAfterBlock;
  EXPECT_EQ(Run().kind, End::kSucceeded);
}

TEST_F(SweepTest, UnwantedSamplesEndTheSweep) {
  host_.commit_status = absl::FailedPreconditionError("stale");
  EXPECT_EQ(Run().kind, End::kFailed);
}

TEST_F(SweepTest, UnknownMetricIsRefused) {
  options_.target.spec.add_metrics(v1::METRIC_FIRST_TOKEN);
  const SweepEnd end = Run();
  EXPECT_EQ(end.kind, End::kFailed);
  EXPECT_EQ(end.failure.reason(), v1::Failure::REASON_INVALID_CONFIG);
}

TEST_F(SweepTest, EnergyWithoutACounterIsNotAvailable) {
  options_.target.spec.add_metrics(v1::METRIC_ENERGY);
  const SweepEnd end = Run();
  ASSERT_EQ(end.kind, End::kSucceeded) << end.failure.message();
  ASSERT_EQ(end.result.comparisons_size(), 2);
  EXPECT_EQ(end.result.comparisons(1).metric(), v1::METRIC_ENERGY);
  EXPECT_EQ(end.result.comparisons(1).verdict(), v1::VERDICT_UNDECIDED);
  EXPECT_THAT(end.result.comparisons(1).note(), HasSubstr("energy is not available"));
  for (const v1::Cost& cost : end.result.costs()) {
    EXPECT_NE(cost.metric(), v1::METRIC_ENERGY);
  }
}

TEST_F(SweepTest, EnergyAloneWithoutACounterFailsWithTheReason) {
  options_.target.spec.set_metrics(0, v1::METRIC_ENERGY);
  const SweepEnd end = Run();
  EXPECT_EQ(end.kind, End::kFailed);
  EXPECT_EQ(end.failure.reason(), v1::Failure::REASON_INVALID_CONFIG);
  EXPECT_THAT(end.failure.message(), HasSubstr("energy is not available"));
}

TEST_F(SweepTest, ProgressGrows) {
  Run();
  ASSERT_FALSE(host_.progress.empty());
  EXPECT_EQ(host_.progress.front().blocks_done(), 0);
  EXPECT_GE(host_.progress.back().blocks_done(), static_cast<int64_t>(host_.blocks.size()) - 1);
  EXPECT_EQ(host_.progress.back().phase(), "latency");
}

}  // namespace
}  // namespace cusp::measure
