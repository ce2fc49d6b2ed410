#include "client/cli/list.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ListTest : public CliTest {
 protected:
  ListTest() {
    coordinator_.jobs.list = [this](const v1::ListJobsRequest& request, auto& response) {
      asked_ = request;
      if (!empty_) {
        *response.add_jobs() = job_;
      }
      return grpc::Status::OK;
    };
  }

  v1::ListJobsRequest asked_;
  bool empty_ = false;
};

TEST_F(ListTest, PrintsARowForEachJob) {
  const CuspResult result = CallCusp({"list"});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, HasSubstr("k3f9x2a1bc  text-encoders  succeeded  1/1"));
  EXPECT_THAT(result.out, Not(HasSubstr("maria")));
  EXPECT_FALSE(asked_.all_owners());
}

TEST_F(ListTest, AllShowsOwners) {
  EXPECT_THAT(CallCusp({"list", "--all", "--limit", "5"}).out, HasSubstr("maria"));
  EXPECT_TRUE(asked_.all_owners());
  EXPECT_EQ(asked_.page_size(), 5);
}

TEST_F(ListTest, JsonHasTheContractsShape) {
  const auto json = nlohmann::json::parse(CallCusp({"list", "--json"}).out);
  EXPECT_EQ(json["jobs"][0]["id"], "k3f9x2a1bc");
  EXPECT_EQ(json["jobs"][0]["name"], "text-encoders");
  EXPECT_EQ(json["jobs"][0]["state"], "SUCCEEDED");
}

TEST_F(ListTest, NoJobsIsAMessageOrAnEmptyList) {
  empty_ = true;
  const CuspResult result = CallCusp({"list"});
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "cusp: no jobs\n");
  EXPECT_EQ(CallCusp({"list", "--quiet"}).err, "");
  EXPECT_EQ(nlohmann::json::parse(CallCusp({"list", "--json"}).out).dump(), R"({"jobs":[]})");
}

TEST_F(ListTest, UnreachableServerHasItsExitCode) {
  const CuspResult result = CallCusp({"list", "--server", "unix:" + temp_.Join("nobody")});
  EXPECT_EQ(result.code, kExitUnreachable);
  EXPECT_THAT(result.err, HasSubstr("server unreachable: unix:"));
}

TEST_F(ListTest, RefusalHasItsExitCode) {
  coordinator_.jobs.list = [](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "no token");
  };
  EXPECT_EQ(CallCusp({"list"}).code, kExitNotAllowed);
}

}  // namespace
}  // namespace cusp::client
