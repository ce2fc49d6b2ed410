#include "worker/measure/sweep_result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

using ::testing::HasSubstr;

v1::Cost MakeCost(v1::Outcome outcome) {
  v1::Cost cost;
  cost.set_variant("bert");
  cost.set_length(64);
  cost.set_outcome(outcome);
  cost.set_failure_message("why");
  return cost;
}

TEST(SweepResultTest, UnfinishedComparisonsSayWhatIsMissing) {
  const SweepSetup setup = MakeSetup(MakeSpec());
  std::deque<Plan> plans;
  plans.emplace_back(setup, v1::METRIC_LATENCY, 1);
  const v1::SweepResult result = MakeResult(plans, std::chrono::seconds(60));
  ASSERT_EQ(result.comparisons_size(), 1);
  EXPECT_THAT(result.comparisons(0).note(), HasSubstr("budget of 60 s"));
}

TEST(SweepResultTest, OneUsablePointIsASuccess) {
  v1::SweepResult result;
  *result.add_costs() = MakeCost(v1::OUTCOME_CRASHED);
  *result.add_costs() = MakeCost(v1::OUTCOME_OK);
  EXPECT_FALSE(FailureOfResult(result, v1::LENGTH_UNIT_TOKENS).has_value());
}

TEST(SweepResultTest, NoUsablePointIsAFailureWithItsReason) {
  v1::SweepResult result;
  *result.add_costs() = MakeCost(v1::OUTCOME_OUT_OF_MEMORY);
  const auto failure = FailureOfResult(result, v1::LENGTH_UNIT_TOKENS);
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->reason(), v1::Failure::REASON_OUT_OF_MEMORY);
  EXPECT_THAT(failure->message(), HasSubstr("'bert' at length 64: why"));
}

TEST(SweepResultTest, LengthsOfAudioAreToldInSeconds) {
  v1::SweepResult result;
  *result.add_costs() = MakeCost(v1::OUTCOME_OUT_OF_MEMORY);
  result.mutable_costs(0)->set_length(8000);
  EXPECT_THAT(FailureOfResult(result, v1::LENGTH_UNIT_SECONDS)->message(),
              HasSubstr("at length 0.5: why"));
}

TEST(SweepResultTest, NothingMeasuredIsAFailure) {
  EXPECT_TRUE(FailureOfResult({}, v1::LENGTH_UNIT_TOKENS).has_value());
}

}  // namespace
}  // namespace cusp::measure
