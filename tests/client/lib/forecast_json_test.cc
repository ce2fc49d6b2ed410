#include "client/lib/forecast_json.h"

#include <gtest/gtest.h>

#include "tests/client/lib/predictable.h"

namespace cusp::client {
namespace {

TEST(ForecastJsonTest, SweepHasItsPlanCostsAndCrossings) {
  const auto forecast = ForecastJob(PredictableSpec(), TwoCoreWorker(), FactorFit("Fast CPU"));
  ASSERT_TRUE(forecast.ok());
  const auto json = ForecastToJson(*forecast, JobLengths(PredictableJob()));
  EXPECT_EQ(json["device_class"], "Fast CPU");
  const auto& sweep = json["sweeps"][0];
  EXPECT_EQ(sweep["mode"], "inference");
  EXPECT_EQ(sweep["budget_suffices"], true);
  EXPECT_EQ(sweep["factors"]["products"], catalog::kUsualFactors[0]);
  EXPECT_EQ(sweep["costs"].size(), 6U);
  EXPECT_EQ(sweep["costs"][0]["variant"], "bert");
  EXPECT_EQ(sweep["comparisons"][0]["crossings"][0]["direction"], "cheaper");
}

TEST(ForecastJsonTest, SpeedIsByThreadsAndNumberType) {
  const auto json = SpeedToJson(TwoCores());
  EXPECT_EQ(json[1]["threads"], 2);
  EXPECT_EQ(json[1]["flops_per_second"]["float32"], 90e9);
  EXPECT_EQ(json[0]["bytes_per_second"], 10e9);
}

}  // namespace
}  // namespace cusp::client
