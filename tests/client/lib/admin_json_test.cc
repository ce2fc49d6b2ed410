#include "client/lib/admin_json.h"

#include <gtest/gtest.h>

namespace cusp::client {
namespace {

TEST(AdminJsonTest, RolesAreWords) {
  for (const char* word : {"reader", "submitter", "worker", "admin"}) {
    EXPECT_EQ(ToText(RoleFromText(word)), word);
  }
  EXPECT_EQ(RoleFromText("root"), v1::Token::ROLE_UNSPECIFIED);
  EXPECT_EQ(RoleFromText(""), v1::Token::ROLE_UNSPECIFIED);
}

TEST(AdminJsonTest, StateOfATokenFollowsTheClock) {
  v1::Token token;
  EXPECT_EQ(TokenState(token, 100), "valid");
  token.mutable_expire_time()->set_seconds(100);
  EXPECT_EQ(TokenState(token, 99), "valid");
  EXPECT_EQ(TokenState(token, 100), "expired");
  token.mutable_revoke_time()->set_seconds(50);
  EXPECT_EQ(TokenState(token, 100), "revoked");
}

TEST(AdminJsonTest, TimesThatAreNotSetAreNull) {
  v1::Token token;
  token.set_name("tokens/7");
  token.set_user("ann");
  token.set_role(v1::Token::ROLE_WORKER);
  const auto json = TokenToJson(token, 100);
  EXPECT_EQ(json["id"], "7");
  EXPECT_EQ(json["role"], "worker");
  EXPECT_EQ(json["state"], "valid");
  EXPECT_TRUE(json["expire_time"].is_null());
}

TEST(AdminJsonTest, EventWithoutAJobHasNull) {
  v1::AuditEvent event;
  event.set_action("token_created");
  EXPECT_TRUE(AuditEventToJson(event)["job"].is_null());
  event.set_job("jobs/abc");
  EXPECT_EQ(AuditEventToJson(event)["job"], "abc");
}

TEST(AdminJsonTest, UserHasItsCaps) {
  v1::User user;
  user.set_name("ann");
  user.set_share_weight(2);
  user.set_max_queued(5);
  const auto json = UserToJson(user);
  EXPECT_EQ(json["share_weight"], 2.0);
  EXPECT_EQ(json["max_queued"], 5);
  EXPECT_EQ(json["max_running"], 0);
}

}  // namespace
}  // namespace cusp::client
