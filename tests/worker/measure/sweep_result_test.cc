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
  const v1::SweepResult result = MakeResult(plans, std::chrono::seconds(60), std::nullopt);
  ASSERT_EQ(result.comparisons_size(), 1);
  EXPECT_THAT(result.comparisons(0).note(), HasSubstr("budget of 60 s"));
}

// A plan in which the candidate is always dearer, by 30 %, at all lengths of the grid.
class CheckedResultTest : public ::testing::Test {
 protected:
  CheckedResultTest() : setup_(MakeSetup(MakeSpec())) {
    plans_.emplace_back(setup_, v1::METRIC_LATENCY, 1);
    check_.set_variant("bert");
  }

  void Measure(double others_share) {
    Plan& plan = plans_.front();
    for (int i = 0; i < 6; ++i) {
      for (const int64_t length : plan.Grid()) {
        v1::Block block;
        block.set_length(length);
        block.set_batch_size(1);
        block.set_others_share(others_share);
        for (const auto& [name, value] : {std::pair("bert", 1.0), std::pair("linformer-0", 1.3)}) {
          v1::Sample& sample = *block.add_samples();
          sample.set_variant(name);
          sample.set_metric(v1::METRIC_LATENCY);
          sample.set_value(value + 0.001 * i);
          sample.set_outcome(v1::OUTCOME_OK);
        }
        plan.Add(block);
      }
    }
  }

  v1::Comparison Compare() {
    return MakeResult(plans_, std::chrono::seconds(60), check_).comparisons(0);
  }

  const SweepSetup setup_;
  std::deque<Plan> plans_;
  v1::SelfCheck check_;
};

TEST_F(CheckedResultTest, DisturbedBlocksAreCountedAndTheVerdictStands) {
  Measure(0.5);
  plans_.front().Discard(64);
  const v1::Comparison comparison = Compare();
  EXPECT_EQ(comparison.verdict(), v1::VERDICT_NEVER);
  EXPECT_THAT(comparison.note(), HasSubstr("1 disturbed block was discarded and 36 kept, of 37"));
}

TEST_F(CheckedResultTest, DifferenceOnAQuietMachineIsAWarning) {
  Measure(0);
  check_.set_differs(true);
  const v1::Comparison comparison = Compare();
  EXPECT_EQ(comparison.verdict(), v1::VERDICT_NEVER);
  EXPECT_THAT(comparison.note(), HasSubstr("differences of that size may be the machine's"));
}

TEST_F(CheckedResultTest, DifferenceAmongDisturbedBlocksTakesTheAnswerBack) {
  Measure(0.5);
  check_.set_differs(true);
  const v1::Comparison comparison = Compare();
  EXPECT_EQ(comparison.verdict(), v1::VERDICT_UNDECIDED);
  EXPECT_THAT(comparison.note(), HasSubstr("nothing is claimed"));
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
