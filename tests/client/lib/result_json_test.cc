#include "client/lib/result_json.h"

#include <gtest/gtest.h>

#include "client/lib/job_json.h"
#include "tests/client/example_job.h"
#include "tests/client/lib/predictable.h"

namespace cusp::client {
namespace {

TEST(ResultJsonTest, ComparisonHasTheContractsShape) {
  const auto expected = nlohmann::ordered_json::parse(R"({
    "baseline": "bert", "candidate": "longformer", "metric": "latency", "mode": "inference",
    "dtype": "float32", "batch_size": 1, "range": [64, 4096], "verdict": "crosses",
    "crossings": [{"length": 1180.0, "low": 1110.0, "high": 1240.0, "direction": "cheaper"}],
    "first": {"length": 1180.0, "low": 1110.0, "high": 1240.0},
    "persistent": {"length": 1180.0, "low": 1110.0, "high": 1240.0},
    "undecided_lengths": [], "equal_lengths": [], "blocks_used": 312, "note": ""})");
  EXPECT_EQ(ComparisonToJson(CrossingComparison(), JobLengths(ExampleJob())).dump(),
            expected.dump());
}

TEST(ResultJsonTest, NoCrossingIsNull) {
  const auto json = ComparisonToJson(NeverComparison(), JobLengths(ExampleJob()));
  EXPECT_EQ(json["verdict"], "never");
  EXPECT_EQ(json["crossings"].dump(), "[]");
  EXPECT_TRUE(json["first"].is_null());
  EXPECT_TRUE(json["persistent"].is_null());
}

TEST(ResultJsonTest, DearerCrossingSaysSo) {
  v1::Comparison comparison = CrossingComparison();
  comparison.mutable_crossings(0)->set_direction(v1::DIRECTION_DEARER);
  comparison.add_undecided_lengths(512);
  comparison.add_equal_lengths(640);
  const auto json = ComparisonToJson(comparison, JobLengths(ExampleJob()));
  EXPECT_EQ(json["crossings"][0]["direction"], "dearer");
  EXPECT_EQ(json["undecided_lengths"].dump(), "[512]");
  EXPECT_EQ(json["equal_lengths"].dump(), "[640]");
}

TEST(ResultJsonTest, SpeechIsInSecondsWithTokensBeside) {
  v1::Comparison comparison = SpeechComparison();
  comparison.add_equal_lengths(24'000);
  comparison.clear_first();
  comparison.clear_persistent();
  const auto expected = nlohmann::ordered_json::parse(R"({
    "baseline": "hubert", "candidate": "l_hubert", "metric": "latency", "mode": "inference",
    "dtype": "float32", "batch_size": 1, "range": [0.5, 30.0], "tokens_baseline": [24, 1499],
    "tokens_candidate": [24, 1499], "verdict": "crosses",
    "crossings": [{"length": 3.26, "low": 2.91, "high": 3.62, "tokens_baseline": 162,
                   "tokens_candidate": 162, "direction": "cheaper"}],
    "first": null, "persistent": null,
    "undecided_lengths": [], "equal_lengths": [1.5], "blocks_used": 312, "note": ""})");
  EXPECT_EQ(ComparisonToJson(comparison, JobLengths(SpeechJob())).dump(), expected.dump());
  v1::JobResult result;
  *result.add_costs() = MakeCost("hubert", v1::METRIC_LATENCY, 8000, 1);
  const auto json = ResultToJson(SpeechJob(), result);
  EXPECT_EQ(json["unit"], "seconds");
  EXPECT_EQ(json["costs"][0]["length"], 0.5);
  EXPECT_EQ(json["costs"][0]["tokens"], 24);
}

TEST(ResultJsonTest, ResultHoldsJobComparisonsAndCosts) {
  const auto json = ResultToJson(ExampleJob(), ExampleResult());
  EXPECT_EQ(json["job"], "k3f9x2a1bc");
  EXPECT_EQ(json["state"], "SUCCEEDED");
  EXPECT_EQ(json["unit"], "tokens");
  EXPECT_EQ(json["comparisons"].size(), 2U);
  EXPECT_EQ(json["costs"][0]["value"], 0.00125);
  EXPECT_TRUE(json["costs"][6]["value"].is_null());
  EXPECT_EQ(json["costs"][6]["outcome"], "oom");
  EXPECT_EQ(json["costs"][7]["failure_message"], "killed by signal 11");
}

TEST(ResultJsonTest, SelfChecksStandBesideTheComparisons) {
  v1::JobResult result = ExampleResult();
  *result.add_self_checks() = ExampleSelfCheck();
  EXPECT_EQ(ResultToJson(ExampleJob(), result)["self_checks"].dump(),
            R"([{"variant":"bert","mode":"inference","dtype":"float32","batch_size":1,)"
            R"("length":128,"blocks":8,"ratio":1.002,"low":0.996,"high":1.009,"differs":false}])");
}

TEST(ResultJsonTest, PredictionStandsBesideWhatWasMeasured) {
  v1::JobResult result;
  *result.add_comparisons() = CrossingComparison();
  result.mutable_comparisons(0)->set_candidate("linformer");
  *result.add_costs() = MakeCost("bert", v1::METRIC_LATENCY, 1024, 0.5);
  const auto json = ResultToJson(PredictableJob(), result);
  const auto& cost = json["costs"][0];
  EXPECT_GT(cost["predicted"].get<double>(), 0);
  EXPECT_EQ(cost["achieved_flops_per_second"].get<double>(), cost["flops"].get<double>() / 0.5);
  EXPECT_EQ(cost["ceiling_flops_per_second"], 50e9);
  const auto& predicted = json["predictions"][0]["comparisons"][0];
  EXPECT_EQ(predicted["candidate"], "linformer");
  EXPECT_EQ(predicted["crossings"].size(), 1U);
  // But for the datasets, comparisons stay as `analyze` prints them.
  auto comparison = json["comparisons"][0];
  comparison.erase("datasets");
  EXPECT_EQ(comparison.dump(),
            ComparisonToJson(result.comparisons(0), JobLengths(PredictableJob())).dump());
  EXPECT_EQ(json["predictions"][0]["factor"].get<double>(), 0.5 / cost["predicted"].get<double>());
  // Where no speed is known there is none of it.
  const auto without = ResultToJson(ExampleJob(), ExampleResult());
  EXPECT_FALSE(without["costs"][0].contains("predicted"));
  EXPECT_TRUE(without["predictions"].empty());
}

TEST(ResultJsonTest, BytesThatAreNoUtf8AreReplaced) {
  v1::Job job = ExampleJob();
  job.set_owner("\xff");
  EXPECT_NE(ToText(JobToJson(job)).find("\xEF\xBF\xBD"), std::string::npos);
}

}  // namespace
}  // namespace cusp::client
