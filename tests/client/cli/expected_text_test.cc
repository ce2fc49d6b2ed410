#include "client/cli/expected_text.h"

#include <gmock/gmock.h>

#include "tests/client/example_job.h"
#include "tests/client/lib/predictable.h"

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ExpectedTextTest, OrderIsToldInWords) {
  constexpr auto kTokens = v1::LENGTH_UNIT_TOKENS;
  EXPECT_EQ(OrderText({.cheaper_at_first = false, .changes = {}}, kTokens), "stays dearer");
  EXPECT_EQ(OrderText({.cheaper_at_first = true, .changes = {}}, kTokens), "stays cheaper");
  EXPECT_EQ(OrderText({.changes = {{1024, true}, {2048, false}}}, kTokens),
            "1,024, dearer from 2,048");
}

TEST(ExpectedTextTest, ForecastNamesDeviceTimeAndVariants) {
  const auto forecast = ForecastJob(PredictableSpec(), TwoCoreWorker(), FactorFit("Fast CPU"));
  ASSERT_TRUE(forecast.ok());
  const std::string text = RenderForecast(*forecast, v1::LENGTH_UNIT_TOKENS);
  EXPECT_THAT(text,
              AllOf(HasSubstr("predicted for Fast CPU (cpu), 1 thread; no model has been run"),
                    HasSubstr("the budget suffices"), HasSubstr("the usual efficiencies"),
                    HasSubstr("latency at 4,096"), HasSubstr("linformer  bert")));
  EXPECT_THAT(text, Not(HasSubstr("batch")));
}

TEST(ExpectedTextTest, ForecastSaysWhereTheBudgetIsShort) {
  v1::JobSpec spec = PredictableSpec();
  spec.mutable_budget()->set_seconds(2);
  const auto forecast = ForecastJob(spec, TwoCoreWorker(), FactorFit("Fast CPU"));
  ASSERT_TRUE(forecast.ok());
  EXPECT_THAT(RenderForecast(*forecast, v1::LENGTH_UNIT_TOKENS),
              HasSubstr("the budget ends it before every comparison is sure"));
}

TEST(ExpectedTextTest, PredictionStandsBesideTheFinding) {
  const v1::Job job = PredictableJob();
  v1::JobResult result;
  *result.add_comparisons() = CrossingComparison();
  result.mutable_comparisons(0)->set_candidate("linformer");
  *result.add_costs() = MakeCost("bert", v1::METRIC_LATENCY, 64, 0.01);
  const std::string text =
      RenderExpected(Expectation(job), job.sweeps(0), result, v1::LENGTH_UNIT_TOKENS);
  EXPECT_THAT(text, AllOf(HasSubstr("predicted crossings (measured): linformer/bert "),
                          HasSubstr(" (1,180)\n"), HasSubstr("0 % (median), 0 % at worst")));
  EXPECT_EQ(
      RenderExpected(Expectation(ExampleJob()), job.sweeps(0), result, v1::LENGTH_UNIT_TOKENS), "");
}

TEST(ExpectedTextTest, FlopsAreHeldAgainstTheCeiling) {
  v1::JobResult result;
  *result.add_costs() = MakeCost("bert", v1::METRIC_LATENCY, 1024, 0.5);
  *result.add_costs() = MakeCost("bert", v1::METRIC_PEAK_MEMORY, 1024, 1e6);
  const std::string text = RenderFlops(PredictableJob(), result);
  EXPECT_THAT(text, AllOf(HasSubstr("of the ceiling"), HasSubstr("500 ms"), HasSubstr("GFLOP/s"),
                          HasSubstr(" %\n")));
  EXPECT_THAT(RenderFlops(ExampleJob(), ExampleResult()), HasSubstr("no FLOP/s"));
}

}  // namespace
}  // namespace cusp::client
