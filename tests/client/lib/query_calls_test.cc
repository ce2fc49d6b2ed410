#include "client/lib/query_calls.h"

#include <gmock/gmock.h>

#include "tests/client/lib/fake_operations.h"
#include "tests/support/status_matchers.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

TEST(QueryCallsTest, EachResponseIsHandedOn) {
  FakeOperations fake;
  fake.queries.responses.resize(3);
  int taken = 0;
  v1::RunQueryRequest request;
  request.set_sql("SELECT 1");
  EXPECT_THAT(RunQuery(fake.connection(), request,
                       [&](const v1::RunQueryResponse&) {
                         ++taken;
                         return absl::OkStatus();
                       }),
              IsOk());
  EXPECT_EQ(taken, 3);
  EXPECT_EQ(fake.queries.asked.sql(), "SELECT 1");
}

TEST(QueryCallsTest, FaultOfTheTakerEndsIt) {
  FakeOperations fake;
  fake.queries.responses.resize(3);
  EXPECT_THAT(RunQuery(fake.connection(), {},
                       [](const v1::RunQueryResponse&) { return absl::DataLossError("full"); }),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(QueryCallsTest, CoordinatorsErrorIsTheAnswer) {
  FakeOperations fake;
  fake.queries.status = {grpc::StatusCode::INVALID_ARGUMENT, "line 1, column 3: no"};
  EXPECT_THAT(
      RunQuery(fake.connection(), {}, [](const v1::RunQueryResponse&) { return absl::OkStatus(); }),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("column 3")));
}

TEST(QueryCallsTest, ViewsAreListed) {
  FakeOperations fake;
  const auto views = ListViews(fake.connection());
  ASSERT_THAT(views, IsOk());
  EXPECT_EQ(views->front().name(), "v_jobs");
}

}  // namespace
}  // namespace cusp::client
