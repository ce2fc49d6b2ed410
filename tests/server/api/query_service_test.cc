#include "server/api/query_service.h"

#include <grpcpp/server_builder.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <limits>

#include "catalog/job_check.h"
#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class QueryServiceTest : public ServiceTest {
 protected:
  // All rows in one message.
  absl::StatusOr<v1::RunQueryResponse> Ask(const std::string& sql, int64_t limit = 0) {
    v1::RunQueryRequest request;
    request.set_sql(sql);
    request.set_row_limit(limit);
    return Ask(request);
  }
  absl::StatusOr<v1::RunQueryResponse> Ask(const v1::RunQueryRequest& request) {
    const auto stub = v1::QueryService::NewStub(coordinator_->InProcessChannel());
    grpc::ClientContext context;
    const auto stream = stub->RunQuery(&context, request);
    v1::RunQueryResponse all;
    v1::RunQueryResponse response;
    messages_ = 0;
    while (stream->Read(&response)) {
      all.MergeFrom(response);
      ++messages_;
    }
    const absl::Status status = FromGrpc(stream->Finish());
    return status.ok() ? absl::StatusOr<v1::RunQueryResponse>(all) : status;
  }

  int messages_ = 0;
};

TEST_F(QueryServiceTest, ColumnsFirstThenTypedRows) {
  const std::string name = SubmitSmall();
  const auto answer = Ask("SELECT job, sweeps, NULL AS n, 0.5 AS r, x'01' AS b FROM v_jobs");
  ASSERT_THAT(answer, IsOk());
  EXPECT_THAT(answer->columns(), ElementsAre("job", "sweeps", "n", "r", "b"));
  ASSERT_EQ(answer->rows_size(), 1);
  const auto& values = answer->rows(0).values();
  EXPECT_EQ("jobs/" + values[0].text(), name);
  EXPECT_EQ(values[1].integer(), 1);
  EXPECT_EQ(values[2].kind_case(), v1::SqlValue::KIND_NOT_SET);
  EXPECT_EQ(values[3].real(), 0.5);
  EXPECT_EQ(values[4].blob(), "\x01");
  EXPECT_FALSE(answer->truncated());
}

TEST_F(QueryServiceTest, FindingsOfAJobAreNamedAsCommandsNameThem) {
  SubmitSmall();
  const std::string attempt = Lease("w");
  ASSERT_THAT(SendBlock(attempt, 1), IsOk());
  ASSERT_THAT(Finish(attempt, v1::FinishAttemptRequest::OUTCOME_SUCCEEDED), IsOk());
  const auto point =
      Ask("SELECT mode, dtype, baseline, candidate, metric, verdict, tipping_point, tipping_low,"
          " device_class, ended FROM v_tipping_points");
  ASSERT_THAT(point, IsOk());
  ASSERT_EQ(point->rows_size(), 1);
  const auto& row = point->rows(0).values();
  EXPECT_EQ(row[0].text(), "inference");
  EXPECT_EQ(row[1].text(), "float32");
  EXPECT_EQ(row[3].text(), "longformer");
  EXPECT_EQ(row[4].text(), "latency");
  EXPECT_EQ(row[5].text(), "crosses");
  EXPECT_EQ(row[6].real(), 512);
  EXPECT_EQ(row[7].real(), 500);
  EXPECT_EQ(row[8].text(), "Fake CPU");
  EXPECT_EQ(row[9].text(), "2026-01-01T00:00:00Z");
  EXPECT_EQ(Ask("SELECT outcome FROM v_costs")->rows(0).values(0).text(), "ok");
  EXPECT_EQ(Ask("SELECT value FROM v_samples")->rows_size(), 2);
  EXPECT_EQ(Ask("SELECT worker FROM v_workers")->rows(0).values(0).text(), "w");
}

// A number of the protocol without a name would be NULL to users: a new one needs a
// migration that adds it to enum_names.
TEST_F(QueryServiceTest, EveryNumberOfTheProtocolHasItsName) {
  coordinator_.reset();
  const auto db = *Database::Open(dir_.Join("data/cusp.db"), Database::Mode::kReadOnly);
  const auto name_of = [&](const std::string& kind, int number) {
    Query query(*db, "SELECT name FROM enum_names WHERE kind = ? AND number = ?", kind, number);
    return query.Next() ? query.Text(0) : "";
  };
  const auto check = [&](const std::string& kind, const google::protobuf::EnumDescriptor* type,
                         const std::function<std::string(int)>& text) {
    for (int i = 0; i < type->value_count(); ++i) {
      if (const int number = type->value(i)->number(); number != 0) {
        EXPECT_EQ(name_of(kind, number), text(number)) << type->value(i)->name();
      }
    }
  };
  const auto lower = [](std::string name, size_t prefix) {
    name.erase(0, prefix);
    std::transform(name.begin(), name.end(), name.begin(), ::tolower);
    return name;
  };
  check("mode", v1::Mode_descriptor(),
        [](int n) { return catalog::ToText(static_cast<v1::Mode>(n)); });
  check("dtype", v1::DType_descriptor(),
        [](int n) { return catalog::ToText(static_cast<v1::DType>(n)); });
  check("metric", v1::Metric_descriptor(),
        [](int n) { return catalog::ToText(static_cast<v1::Metric>(n)); });
  check("outcome", v1::Outcome_descriptor(), [&](int n) {
    return lower(v1::Outcome_Name(static_cast<v1::Outcome>(n)), sizeof("OUTCOME_") - 1);
  });
  check("verdict", v1::Verdict_descriptor(), [&](int n) {
    return lower(v1::Verdict_Name(static_cast<v1::Verdict>(n)), sizeof("VERDICT_") - 1);
  });
  check("job_state", v1::Job::State_descriptor(), [](int n) {
    return v1::Job::State_Name(static_cast<v1::Job::State>(n)).substr(sizeof("STATE_") - 1);
  });
  check("reason", v1::Failure::Reason_descriptor(), [&](int n) {
    return lower(v1::Failure::Reason_Name(static_cast<v1::Failure::Reason>(n)),
                 sizeof("REASON_") - 1);
  });
}

TEST_F(QueryServiceTest, ManyRowsComeInManyMessages) {
  const auto answer = Ask(
      "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 2000) SELECT x FROM n");
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->rows_size(), 2000);
  EXPECT_EQ(answer->rows(1999).values(0).integer(), 2000);
  EXPECT_GE(messages_, 4);
}

TEST_F(QueryServiceTest, LargeRowsStayBelowTheSizeOfAMessage) {
  const auto answer =
      Ask("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 40)"
          " SELECT zeroblob(65000), zeroblob(65000), zeroblob(65000) FROM n");
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->rows_size(), 40);
}

TEST_F(QueryServiceTest, RowLimitIsTold) {
  const auto answer = Ask("SELECT 1 UNION ALL SELECT 2", 1);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->rows_size(), 1);
  EXPECT_TRUE(answer->truncated());
  EXPECT_THAT(Ask("SELECT 1", -1), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(QueryServiceTest, SecretsStayHidden) {
  EXPECT_THAT(Ask("SELECT * FROM tokens"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("v_workers")));
}

TEST_F(QueryServiceTest, TimeLimitIsPositiveAndAtMostTenMinutes) {
  v1::RunQueryRequest request;
  request.set_sql("SELECT 1");
  google::protobuf::Duration& time = *request.mutable_time_limit();
  EXPECT_THAT(Ask(request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not positive")));
  time.set_seconds(std::numeric_limits<int64_t>::min());
  EXPECT_THAT(Ask(request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not positive")));
  time.set_seconds(600);
  EXPECT_THAT(Ask(request), IsOk());
  time.set_nanos(1);
  EXPECT_THAT(Ask(request), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("600 s")));
  time.set_seconds(std::numeric_limits<int64_t>::max());
  EXPECT_THAT(Ask(request), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("600 s")));
}

TEST_F(QueryServiceTest, RowLimitIsAtMostTenMillion) {
  EXPECT_THAT(Ask("SELECT 1", 10'000'000), IsOk());
  EXPECT_THAT(Ask("SELECT 1", 10'000'001),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("largest is 10000000")));
}

// With a server of its own, since one that stops also closes what it has open.
TEST_F(QueryServiceTest, StoppingEndsWhatRuns) {
  const Gate gate(Authenticator::ForPrivateSocket());
  const auto store = *Store::Open(*DataFolder::Open(dir_.Join("other")), clock_);
  SlowCalls slow({.threads = 1, .waiting = 4});
  QueryService service(gate, *store, clock_, slow);
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  const auto stub = v1::QueryService::NewStub(server->InProcessChannel({}));
  grpc::ClientContext context;
  v1::RunQueryRequest request;
  request.set_sql(
      "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n");
  const auto stream = stub->RunQuery(&context, request);
  v1::RunQueryResponse columns;
  ASSERT_TRUE(stream->Read(&columns));  // so it runs, and no clock ends it
  slow.Refuse();
  EXPECT_FALSE(stream->Read(&columns));
  EXPECT_THAT(FromGrpc(stream->Finish()),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("stopping")));
}

TEST_F(QueryServiceTest, ViewsAreListed) {
  const auto stub = v1::QueryService::NewStub(coordinator_->InProcessChannel());
  grpc::ClientContext context;
  v1::ListViewsResponse response;
  ASSERT_TRUE(stub->ListViews(&context, {}, &response).ok());
  ASSERT_EQ(response.views_size(), 5);
  EXPECT_EQ(response.views(0).name(), "v_costs");
  EXPECT_EQ(response.views(1).columns(0), "job");
}

}  // namespace
}  // namespace cusp::server
