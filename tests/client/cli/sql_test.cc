#include "client/cli/sql.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/client/cli/operations_fixture.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

class SqlCommandTest : public OperationsCliTest {
 protected:
  SqlCommandTest() {
    fake_.queries.responses.resize(2);
    fake_.queries.responses[0].add_columns("job");
    fake_.queries.responses[1].add_rows()->add_values()->set_text("k3f9");
  }
};

TEST_F(SqlCommandTest, PrintsATableCsvOrJson) {
  EXPECT_EQ(CallCusp({"sql", "SELECT job FROM v_jobs"}).out, "job\nk3f9\n");
  EXPECT_EQ(fake_.queries.asked.sql(), "SELECT job FROM v_jobs");
  EXPECT_EQ(CallCusp({"sql", "SELECT 1", "--csv"}).out, "job\nk3f9\n");
  const auto json = nlohmann::json::parse(CallCusp({"sql", "SELECT 1", "--json"}).out);
  EXPECT_EQ(json["rows"][0][0], "k3f9");
}

TEST_F(SqlCommandTest, LimitsAreTheServersToApply) {
  CallCusp({"sql", "SELECT 1", "--limit", "5", "--timeout", "1m30s"});
  EXPECT_EQ(fake_.queries.asked.row_limit(), 5);
  EXPECT_EQ(fake_.queries.asked.time_limit().seconds(), 90);
}

TEST_F(SqlCommandTest, TruncationIsTold) {
  fake_.queries.responses[1].set_truncated(true);
  const CuspResult result = CallCusp({"sql", "SELECT 1"});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.err, HasSubstr("only the first 1 rows; --limit N gives more"));
  EXPECT_EQ(CallCusp({"sql", "SELECT 1", "-q"}).err, "");
}

TEST_F(SqlCommandTest, ViewsAreListed) {
  EXPECT_EQ(CallCusp({"sql", "--views"}).out, "v_jobs\n  job state\n");
  const auto json = nlohmann::json::parse(CallCusp({"sql", "--views", "--json"}).out);
  EXPECT_EQ(json["views"][0]["columns"][1], "state");
}

TEST_F(SqlCommandTest, BadUsageAndBadSqlHaveTheirExitCode) {
  EXPECT_EQ(CallCusp({"sql"}).code, kExitUsage);
  EXPECT_EQ(CallCusp({"sql", "SELECT 1", "--views"}).code, kExitUsage);
  EXPECT_EQ(CallCusp({"sql", "SELECT 1", "--csv", "--json"}).code, kExitUsage);
  EXPECT_EQ(CallCusp({"sql", "SELECT 1", "--timeout", "soon"}).code, kExitUsage);
  fake_.queries.status = {grpc::StatusCode::INVALID_ARGUMENT, "line 1, column 8: no such column"};
  const CuspResult result = CallCusp({"sql", "SELECT x"});
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, HasSubstr("line 1, column 8"));
}

}  // namespace
}  // namespace cusp::client
