#include "client/cli/recommend.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <utility>

#include "common/file.h"
#include "tests/client/cli/cli_fixture.h"
#include "tests/support/status_matchers.h"

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Blocks in which bert costs 1 and longformer 2 at 64 tokens, 8 and 4 at 4,096.
class RecommendTest : public CliTest {
 protected:
  RecommendTest() {
    coordinator_.results.list_blocks = [](const auto&, auto& response) {
      int64_t number = 0;
      for (const auto& [length, bert, longformer] :
           {std::tuple(64, 1.0, 2.0), std::tuple(4096, 8.0, 4.0)}) {
        v1::Block* block = response.add_blocks();
        block->set_block(++number);
        block->set_length(length);
        block->set_batch_size(1);
        for (const auto& [name, value] :
             {std::pair("bert", bert), std::pair("longformer", longformer)}) {
          v1::Sample* sample = block->add_samples();
          sample->set_variant(name);
          sample->set_metric(v1::METRIC_LATENCY);
          sample->set_value(value);
          sample->set_outcome(v1::OUTCOME_OK);
          sample->set_calls(1);
        }
      }
      return grpc::Status::OK;
    };
  }

  std::string Histogram(const std::string& text) {
    const std::string path = temp_.Join("h.csv");
    EXPECT_THAT(WriteFileAtomically(path, text), IsOk());
    return path;
  }
};

TEST_F(RecommendTest, PrintsTheChoice) {
  const CuspResult result =
      CallCusp({"recommend", "k3f9", "--histogram", Histogram("64,3\n4096,1\n")});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("choose: bert below "), HasSubstr(", longformer from there on")));
}

TEST_F(RecommendTest, JsonHasTheNumbers) {
  const CuspResult result =
      CallCusp({"recommend", "k3f9", "--json", "--histogram", Histogram("64,3\n4096,1\n")});
  const auto json = nlohmann::json::parse(result.out);
  const auto& group = json["recommendations"][0];
  EXPECT_EQ(group["metric"], "latency");
  EXPECT_NEAR(group["costs"][0]["expected"].get<double>(), (3 * 1 + 8) / 4.0, 1e-6);
  EXPECT_NEAR(group["by_choice"]["expected"].get<double>(), (3 * 1 + 4) / 4.0, 1e-6);
}

TEST_F(RecommendTest, BatchesRunAtTheirLongest) {
  const CuspResult result =
      CallCusp({"recommend", "k3f9", "--json", "--batching", "longest", "--batch-size", "1000",
                "--histogram", Histogram("64,3\n4096,1\n")});
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["recommendations"][0]["best"], "longformer");
  EXPECT_EQ(json["recommendations"][0]["choices"].size(), 1U);
}

TEST_F(RecommendTest, DatasetStandsInForAFile) {
  const CuspResult result = CallCusp({"recommend", "k3f9", "--dataset", "imdb"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("inputs of imdb, log-normal through mean and 95th"),
                                HasSubstr("choose: bert")));
  const auto json =
      nlohmann::json::parse(CallCusp({"recommend", "k3f9", "--dataset", "imdb", "--json"}).out);
  EXPECT_EQ(json["dataset"]["name"], "imdb");
  EXPECT_EQ(json["recommendations"][0]["best"], "bert");
}

TEST_F(RecommendTest, DatasetsAreListedWithoutAJob) {
  EXPECT_THAT(CallCusp({"recommend", "--list-datasets"}).out, HasSubstr("hyperpartisan"));
  const auto json = nlohmann::json::parse(CallCusp({"recommend", "--list-datasets", "--json"}).out);
  EXPECT_FALSE(json["datasets"].empty());
}

TEST_F(RecommendTest, InputsComeFromAFileOrADataset) {
  const CuspResult both =
      CallCusp({"recommend", "k3f9", "--dataset", "imdb", "--histogram", Histogram("64\n")});
  EXPECT_EQ(both.code, kExitUsage);
  EXPECT_THAT(both.err, HasSubstr("give either --histogram F.csv"));
  const CuspResult unknown = CallCusp({"recommend", "k3f9", "--dataset", "imbd"});
  EXPECT_EQ(unknown.code, kExitUsage);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean `imdb`?"));
  const CuspResult speech = CallCusp({"recommend", "k3f9", "--dataset", "aishell-test"});
  EXPECT_EQ(speech.code, kExitUsage);
  EXPECT_THAT(speech.err, HasSubstr("are in seconds, those of the job in tokens"));
  EXPECT_EQ(CallCusp({"recommend", "--dataset", "imdb"}).code, kExitUsage);
}

TEST_F(RecommendTest, FaultsOfTheFileAndFlagsAreBadUsage) {
  const CuspResult bad = CallCusp({"recommend", "k3f9", "--histogram", Histogram("64\nx\n")});
  EXPECT_EQ(bad.code, kExitUsage);
  EXPECT_THAT(bad.err, HasSubstr("h.csv:2: the length `x` is not a number"));
  const std::string good = Histogram("64\n");
  EXPECT_EQ(CallCusp({"recommend", "k3f9"}).code, kExitUsage);
  EXPECT_EQ(CallCusp({"recommend", "k3f9", "--histogram", "/nowhere/h.csv"}).code, kExitUsage);
  EXPECT_EQ(CallCusp({"recommend", "k3f9", "--histogram", good, "--batching", "all"}).code,
            kExitUsage);
  EXPECT_EQ(CallCusp({"recommend", "k3f9", "--histogram", good, "--batch-size", "8"}).code,
            kExitUsage);
  EXPECT_EQ(CallCusp({"recommend", "k3f9", "--histogram", good, "--buckets", "8,16"}).code,
            kExitUsage);
  EXPECT_EQ(CallCusp({"recommend", "k3f9", "--histogram", good, "--batching", "bucketed",
                      "--buckets", "16,8"})
                .code,
            kExitUsage);
  EXPECT_EQ(CallCusp({"recommend", "k3f9", "--histogram", Histogram("100000\n")}).code, kExitUsage);
}

TEST_F(RecommendTest, JobWithoutSamplesSaysSo) {
  coordinator_.results.list_blocks = [](const auto&, auto&) { return grpc::Status::OK; };
  const CuspResult result = CallCusp({"recommend", "k3f9", "--histogram", Histogram("64\n")});
  EXPECT_NE(result.code, 0);
  EXPECT_THAT(result.err, HasSubstr("has measured nothing yet"));
}

TEST_F(RecommendTest, UnfinishedJobIsTold) {
  job_.set_state(v1::Job::STATE_RUNNING);
  const CuspResult result = CallCusp({"recommend", "k3f9", "--histogram", Histogram("64\n")});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.err, HasSubstr("the job did not end"));
}

TEST_F(RecommendTest, UnknownJobIsNotFound) {
  EXPECT_EQ(CallCusp({"recommend", "zzzz", "--histogram", Histogram("64\n")}).code, kExitNotFound);
}

}  // namespace
}  // namespace cusp::client
