#include "server/api/admin_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "common/ids.h"
#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

v1::UpdateUserRequest UpdateOf(const std::string& path) {
  v1::UpdateUserRequest request;
  request.set_request_id(NewUuid());
  request.mutable_user()->set_name("ann");
  request.mutable_user()->set_share_weight(1);
  request.mutable_update_mask()->add_paths(path);
  return request;
}

TEST(AdminRequestsTest, ChangeHasWhatTheMaskNames) {
  v1::UpdateUserRequest request = UpdateOf("max_queued");
  request.mutable_user()->set_max_queued(3);
  const auto change = CheckUserChange(request);
  ASSERT_THAT(change, IsOk());
  EXPECT_EQ(change->max_queued, 3);
  EXPECT_FALSE(change->share_weight.has_value());
  EXPECT_FALSE(change->max_running.has_value());
}

TEST(AdminRequestsTest, BadChangesNameTheField) {
  EXPECT_THAT(CheckUserChange(UpdateOf("name")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"name\"")));
  v1::UpdateUserRequest request = UpdateOf("max_running");
  request.mutable_user()->set_max_running(-1);
  EXPECT_THAT(CheckUserChange(request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_running -1")));
  request = UpdateOf("max_artifact_bytes");
  request.mutable_user()->set_max_artifact_bytes((int64_t{1} << 50U) + 1);
  EXPECT_THAT(CheckUserChange(request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_artifact_bytes")));
  for (const double weight : {0.0, -1.0, 1001.0, std::nan("")}) {
    request = UpdateOf("share_weight");
    request.mutable_user()->set_share_weight(weight);
    EXPECT_THAT(CheckUserChange(request),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("share_weight")))
        << weight;
  }
  request = UpdateOf("max_queued");
  request.clear_update_mask();
  EXPECT_THAT(CheckUserChange(request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("empty")));
}

TEST(AdminRequestsTest, LifetimeIsWithinReason) {
  v1::CreateTokenRequest request;
  EXPECT_THAT(LifetimeMicros(request), IsOkAndHolds(std::optional<int64_t>()));
  request.mutable_lifetime()->set_seconds(2);
  EXPECT_THAT(LifetimeMicros(request), IsOkAndHolds(std::optional<int64_t>(2'000'000)));
  for (const int64_t seconds : {int64_t{0}, int64_t{-5}, int64_t{1} << 40U}) {
    request.mutable_lifetime()->set_seconds(seconds);
    EXPECT_THAT(LifetimeMicros(request), StatusIs(absl::StatusCode::kInvalidArgument)) << seconds;
  }
}

TEST(AdminRequestsTest, AuditFilterIsBounded) {
  v1::ListAuditEventsRequest request;
  request.set_actor(std::string(129, 'x'));
  EXPECT_THAT(CheckAuditFilter(request), StatusIs(absl::StatusCode::kInvalidArgument));
  request.set_actor("ann");
  request.mutable_since_time()->set_seconds(5);
  const auto filter = CheckAuditFilter(request);
  ASSERT_THAT(filter, IsOk());
  EXPECT_EQ(filter->actor, "ann");
  EXPECT_EQ(filter->since_us, 5'000'000);
  EXPECT_EQ(filter->limit, 100);
}

TEST(AdminRequestsTest, TimesThatAreNotSetStayUnset) {
  const v1::Token token = ToProto(Token{.id = 7, .user = "ann", .role = 3, .create_time_us = 1});
  EXPECT_EQ(token.name(), "tokens/7");
  EXPECT_EQ(token.role(), v1::Token::ROLE_WORKER);
  EXPECT_FALSE(token.has_expire_time());
  EXPECT_FALSE(token.has_revoke_time());
  EXPECT_FALSE(token.has_last_use_time());
}

}  // namespace
}  // namespace cusp::server
