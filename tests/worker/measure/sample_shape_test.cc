#include "worker/measure/sample_shape.h"

#include <gtest/gtest.h>

#include <set>

namespace cusp::measure {
namespace {

runner::v1::StepResult Took(int64_t nanos) {
  runner::v1::StepResult result;
  result.set_duration_ns(nanos);
  return result;
}

TEST(SampleShapeTest, LatencyIsTheMeanOfItsCalls) {
  const MeanOfCalls shape;
  const std::vector<TimedSteps> steps = shape.Steps({3, 1});
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].calls, 3);
  EXPECT_EQ(steps[1].point, 1U);
  const runner::v1::StepResult result = Took(6'000'000);
  v1::Sample sample;
  shape.Fill({{.calls = 3, .result = &result}}, sample);
  EXPECT_DOUBLE_EQ(sample.value(), 2e-3);
  EXPECT_EQ(sample.calls(), 3);
  EXPECT_TRUE(shape.Beside({{.calls = 3, .result = &result}}).empty());
}

TEST(SampleShapeTest, PartsOfATrainingStepAreRecordedBesideIt) {
  runner::v1::StepResult result = Took(12'000'000);
  for (const int64_t nanos : {4'000'000, 6'000'000, 2'000'000}) {
    result.add_part_ns(nanos);
  }
  const auto beside = MeanOfCalls().Beside({{.calls = 2, .result = &result}});
  ASSERT_EQ(beside.size(), 3U);
  EXPECT_EQ(beside[0].metric(), v1::METRIC_FORWARD);
  EXPECT_DOUBLE_EQ(beside[1].value(), 3e-3);
  EXPECT_EQ(beside[2].metric(), v1::METRIC_OPTIMIZER);
}

TEST(SampleShapeTest, PercentilesTakeSingleCallsInTurns) {
  const PercentileOfCalls shape(v1::METRIC_LATENCY_P90, v1::MODE_INFERENCE, 7);
  const std::vector<TimedSteps> steps = shape.Steps({5, 9, 1});
  ASSERT_EQ(steps.size(), 120U);
  std::set<std::vector<size_t>> orders;
  for (size_t i = 0; i < steps.size(); i += 3) {
    const std::set<size_t> round = {steps[i].point, steps[i + 1].point, steps[i + 2].point};
    EXPECT_EQ(round.size(), 3U);
    EXPECT_EQ(steps[i].calls, 1);
    orders.insert({steps[i].point, steps[i + 1].point, steps[i + 2].point});
  }
  EXPECT_EQ(orders.size(), 6U);
}

TEST(SampleShapeTest, NinetiethPercentileOfFortyIsTheThirtySixth) {
  std::vector<runner::v1::StepResult> results;
  for (int i = 40; i > 0; --i) {
    results.push_back(Took(i * 1000));
  }
  std::vector<SampleShape::Timing> timings;
  for (const runner::v1::StepResult& result : results) {
    timings.push_back({.calls = 1, .result = &result});
  }
  v1::Sample sample;
  PercentileOfCalls(v1::METRIC_LATENCY_P90, v1::MODE_INFERENCE, 1).Fill(timings, sample);
  EXPECT_DOUBLE_EQ(sample.value(), 36e-6);
  EXPECT_EQ(sample.calls(), 40);
}

TEST(SampleShapeTest, PercentilesOfDecodingTakeStepsOfARunOneByOne) {
  const PercentileOfCalls shape(v1::METRIC_LATENCY_P90, v1::MODE_DECODE, 7);
  const std::vector<TimedSteps> steps = shape.Steps({5, 9});
  ASSERT_EQ(steps.size(), 4U);
  EXPECT_EQ(steps[0].calls, 20);
  EXPECT_TRUE(steps[0].each_call);
  EXPECT_NE(steps[0].point, steps[1].point);
  std::vector<runner::v1::StepResult> results(2);
  for (int i = 0; i < 40; ++i) {
    results[i % 2].add_call_ns((i + 1) * 1000);
  }
  v1::Sample sample;
  shape.Fill({{.calls = 20, .result = &results[0]}, {.calls = 20, .result = &results[1]}}, sample);
  EXPECT_DOUBLE_EQ(sample.value(), 36e-6);
  EXPECT_EQ(sample.calls(), 40);
}

TEST(SampleShapeTest, ThroughputCountsTheInputsOfABatch) {
  const runner::v1::StepResult result = Took(4'000'000);
  v1::Sample sample;
  const InputsPerSecond shape;
  const std::vector<SampleShape::Timing> timings = {
      {.calls = 2, .batch_size = 16, .result = &result}};
  shape.Fill(timings, sample);
  EXPECT_DOUBLE_EQ(sample.value(), 8000);
  const auto beside = shape.Beside(timings);
  ASSERT_EQ(beside.size(), 1U);
  EXPECT_EQ(beside[0].metric(), v1::METRIC_BEST_BATCH);
  EXPECT_EQ(beside[0].value(), 16);
}

}  // namespace
}  // namespace cusp::measure
