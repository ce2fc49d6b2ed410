#include "client/cli/history.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

class HistoryCommandTest : public CliTest {
 protected:
  HistoryCommandTest() {
    coordinator_.results.list_history = [this](const v1::ListHistoryRequest& request,
                                               v1::ListHistoryResponse& response) {
      asked_ = request;
      ++calls_;
      // Pages of one entry, whatever is asked for.
      const size_t at = request.page_token().empty() ? 0 : std::stoul(request.page_token());
      if (at < entries_.size()) {
        *response.add_entries() = entries_[at];
      }
      if (at + 1 < entries_.size()) {
        response.set_next_page_token(std::to_string(at + 1));
      }
      return grpc::Status::OK;
    };
  }

  std::vector<v1::HistoryEntry> entries_ = {ExampleEntry("new", 2000), ExampleEntry("old", 1000)};
  v1::ListHistoryRequest asked_;
  int calls_ = 0;
};

TEST_F(HistoryCommandTest, PrintsARowForEachEntryOfAllPages) {
  const CuspResult result = CallCusp({"history"});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, HasSubstr("new"));
  EXPECT_THAT(result.out, HasSubstr("old"));
  EXPECT_EQ(calls_, 2);
}

TEST_F(HistoryCommandTest, LimitEndsTheReading) {
  CallCusp({"history", "--limit", "1"});
  EXPECT_EQ(calls_, 1);
  EXPECT_EQ(asked_.page_size(), 1);
}

TEST_F(HistoryCommandTest, FiltersAreTheServersToApply) {
  EXPECT_EQ(CallCusp({"history", "--baseline", "bert", "--candidate", "longformer", "--metric",
                      "peak_memory", "--mode", "training", "--dtype", "bfloat16", "--device",
                      "NVIDIA H200", "--since", "2026-11-01"})
                .code,
            0);
  EXPECT_EQ(asked_.baseline(), "bert");
  EXPECT_EQ(asked_.candidate(), "longformer");
  EXPECT_EQ(asked_.metric(), v1::METRIC_PEAK_MEMORY);
  EXPECT_EQ(asked_.mode(), v1::MODE_TRAINING);
  EXPECT_EQ(asked_.dtype(), v1::DTYPE_BFLOAT16);
  EXPECT_EQ(asked_.device(), "NVIDIA H200");
  EXPECT_EQ(asked_.since_time().seconds(), 1'793'491'200);
  EXPECT_EQ(CallCusp({"history", "--driver", "550", "--cusp-version", "0.1.0", "--torch-version",
                      "2.11", "--host", "gpu1", "--until", "2026-11-02"})
                .code,
            0);
  EXPECT_EQ(asked_.driver_version(), "550");
  EXPECT_EQ(asked_.cusp_version(), "0.1.0");
  EXPECT_EQ(asked_.torch_version(), "2.11");
  EXPECT_EQ(asked_.host(), "gpu1");
  EXPECT_EQ(asked_.until_time().seconds(), 1'793'577'600);
}

TEST_F(HistoryCommandTest, JsonHasTheContractsShape) {
  const auto json = nlohmann::json::parse(CallCusp({"history", "--json"}).out);
  EXPECT_EQ(json["history"][0]["candidate"], "longformer");
  EXPECT_EQ(json["history"][0]["job"], "new");
  EXPECT_EQ(json["history"][0]["changed"], true);
  EXPECT_EQ(json["history"][0]["change"], 1.0);
  EXPECT_EQ(json["history"][0]["previous_job"], "old");
  EXPECT_EQ(json["history"][1]["change"], nullptr);
}

TEST_F(HistoryCommandTest, NoMatchIsAMessageOrAnEmptyListAndNoError) {
  entries_.clear();
  const CuspResult result = CallCusp({"history"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "cusp: nothing matches\n");
  EXPECT_EQ(CallCusp({"history", "--quiet"}).err, "");
  EXPECT_EQ(nlohmann::json::parse(CallCusp({"history", "--json"}).out).dump(), R"({"history":[]})");
}

TEST_F(HistoryCommandTest, BadFiltersAreBadUsageAndReachNoServer) {
  EXPECT_EQ(CallCusp({"history", "--metric", "speed"}).code, kExitUsage);
  const CuspResult since = CallCusp({"history", "--since", "yesterday"});
  EXPECT_EQ(since.code, kExitUsage);
  EXPECT_THAT(since.err, HasSubstr("write 2026-11-01, 30d or 12h"));
  EXPECT_EQ(calls_, 0);
}

TEST_F(HistoryCommandTest, UnreachableServerHasItsExitCode) {
  EXPECT_EQ(CallCusp({"history", "--server", "unix:" + temp_.Join("nobody")}).code,
            kExitUnreachable);
}

}  // namespace
}  // namespace cusp::client
