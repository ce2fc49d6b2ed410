#include "client/cli/results.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "common/file.h"
#include "tests/client/cli/cli_fixture.h"
#include "tests/client/lib/predictable.h"
#include "tests/support/status_matchers.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ResultsTest : public CliTest {
 protected:
  ResultsTest() {
    coordinator_.results.list_blocks = [](const auto&, auto& response) {
      v1::Block* block = response.add_blocks();
      block->set_block(1);
      block->set_length(64);
      block->set_batch_size(1);
      v1::Sample* sample = block->add_samples();
      sample->set_variant("bert");
      sample->set_metric(v1::METRIC_LATENCY);
      sample->set_value(0.5);
      sample->set_outcome(v1::OUTCOME_OK);
      sample->set_calls(1);
      return grpc::Status::OK;
    };
  }
};

TEST_F(ResultsTest, PrintsTheTable) {
  const CuspResult result = CallCusp({"results", "k3f9"});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, HasSubstr("crosses at 1,180 tokens"));
}

TEST_F(ResultsTest, DatasetsAreShownOnRequest) {
  EXPECT_THAT(CallCusp({"results", "k3f9"}).out, HasSubstr("`cusp results k3f9x2a1bc --datasets`"));
  const std::string out = CallCusp({"results", "k3f9", "--datasets"}).out;
  EXPECT_THAT(out, HasSubstr("crosses at 1,180 tokens"));
  EXPECT_THAT(out, HasSubstr("inputs of public datasets that are longer than the tipping point"));
  EXPECT_THAT(out, Not(HasSubstr("--datasets`")));
}

TEST_F(ResultsTest, JsonHasTheContractsShape) {
  const auto json = nlohmann::json::parse(CallCusp({"results", "k3f9", "--json"}).out);
  EXPECT_EQ(json["comparisons"][0]["verdict"], "crosses");
  EXPECT_EQ(json["comparisons"][0]["persistent"]["length"], 1180.0);
  EXPECT_FALSE(json["comparisons"][0]["datasets"].empty());
  EXPECT_EQ(json["comparisons"][1]["datasets"].dump(), "[]");
}

TEST_F(ResultsTest, EndsWithTheCommandThatRepeatsTheJob) {
  const std::string command =
      "cusp show k3f9x2a1bc --spec > text-encoders-k3f9x2a1bc.yaml && cusp submit --wait "
      "text-encoders-k3f9x2a1bc.yaml";
  EXPECT_THAT(CallCusp({"results", "k3f9"}).out, HasSubstr("\nrepeat: " + command + "\n"));
  const auto json = nlohmann::json::parse(CallCusp({"results", "k3f9", "--json"}).out);
  EXPECT_EQ(json["repeat"], command);
  EXPECT_THAT(CallCusp({"results", "k3f9", "--csv", "-"}).out, testing::Not(HasSubstr("repeat")));
}

TEST_F(ResultsTest, ExportsCostsAndSamples) {
  const std::string costs = temp_.Join("costs.csv");
  const std::string samples = temp_.Join("samples.csv");
  EXPECT_EQ(CallCusp({"results", "k3f9", "--csv", costs, "--samples", samples}).code, 0);
  EXPECT_THAT(ReadFile(costs, 10'000), IsOkAndHolds(HasSubstr("\nbert,64,0.00125,latency,")));
  EXPECT_THAT(ReadFile(samples, 10'000),
              IsOkAndHolds(HasSubstr("\nbert,64,0.5,latency,inference,float32,1,0,1,1,ok,")));
}

TEST_F(ResultsTest, DashSendsCsvAloneToStandardOutput) {
  const CuspResult result = CallCusp({"results", "k3f9", "--samples", "-"});
  EXPECT_THAT(result.out, testing::StartsWith("variant,length,value,"));
  EXPECT_EQ(CallCusp({"results", "k3f9", "--samples", "-", "--json"}).code, kExitUsage);
}

TEST_F(ResultsTest, StrictMindsUndecided) {
  EXPECT_EQ(CallCusp({"results", "k3f9", "--strict"}).code, 0);
  result_.mutable_comparisons(0)->set_verdict(v1::VERDICT_UNDECIDED);
  EXPECT_EQ(CallCusp({"results", "k3f9", "--strict"}).code, kExitUndecided);
  EXPECT_EQ(CallCusp({"results", "k3f9"}).code, 0);
}

TEST_F(ResultsTest, FileThatCannotBeWrittenIsBadUsage) {
  EXPECT_EQ(CallCusp({"results", "k3f9", "--csv", "/nowhere/x.csv"}).code, kExitUsage);
}

TEST_F(ResultsTest, FlopsAreATableOfTheirOwn) {
  EXPECT_THAT(CallCusp({"results", "k3f9", "--flops"}).out, HasSubstr("no FLOP/s"));
  job_ = PredictableJob();
  const std::string text = CallCusp({"results", "k3f9", "--flops"}).out;
  EXPECT_THAT(text, HasSubstr("of the ceiling"));
  EXPECT_THAT(text, HasSubstr("GFLOP/s"));
}

}  // namespace
}  // namespace cusp::client
