#include "client/lib/admin_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/client/lib/fake_services.h"
#include "tests/support/status_matchers.h"

namespace cusp::client {
namespace {

using ::testing::ElementsAre;

class AdminClientTest : public testing::Test {
 protected:
  AdminClientTest() : client_(coordinator_.Channel(), OptionsWithoutSleep()), admin_(client_) {}

  static Client::Options OptionsWithoutSleep() {
    Client::Options options;
    options.server = "fake:1";
    options.sleep = [](std::chrono::milliseconds) {};
    return options;
  }

  FakeCoordinator coordinator_;
  Client client_;
  AdminClient admin_;
};

TEST_F(AdminClientTest, CreationIsRepeatedWithTheSameRequestId) {
  std::set<std::string> ids;
  int calls = 0;
  coordinator_.admin.create_token = [&](const auto& request, auto& response) {
    ids.insert(request.request_id());
    EXPECT_EQ(request.user(), "ann");
    EXPECT_EQ(request.role(), v1::Token::ROLE_READER);
    EXPECT_EQ(request.lifetime().seconds(), 60);
    response.set_secret("s");
    return ++calls < 3 ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "starting") : grpc::Status::OK;
  };
  const auto created = admin_.CreateToken("ann", v1::Token::ROLE_READER, 60);
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->secret(), "s");
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(ids.size(), 1U);
}

TEST_F(AdminClientTest, TokenWithoutAnEndHasNoLifetime) {
  coordinator_.admin.create_token = [](const auto& request, auto&) {
    EXPECT_FALSE(request.has_lifetime());
    return grpc::Status::OK;
  };
  EXPECT_THAT(admin_.CreateToken("ann", v1::Token::ROLE_READER, 0), IsOk());
}

TEST_F(AdminClientTest, ListsGoOnUntilTheLastPage) {
  coordinator_.admin.list_users = [](const auto& request, auto& response) {
    response.add_users()->set_name(request.page_token().empty() ? "ann" : "ben");
    if (request.page_token().empty()) {
      response.set_next_page_token("more");
    }
    return grpc::Status::OK;
  };
  const auto users = admin_.ListUsers();
  ASSERT_THAT(users, IsOk());
  ASSERT_EQ(users->size(), 2U);
  EXPECT_EQ((*users)[1].name(), "ben");
}

TEST_F(AdminClientTest, AuditStopsAtItsLimit) {
  std::vector<int> sizes;
  coordinator_.admin.list_audit_events = [&](const auto& request, auto& response) {
    sizes.push_back(request.page_size());
    EXPECT_EQ(request.actor(), "ann");
    response.add_events()->set_id(9);
    response.set_next_page_token("more");
    return grpc::Status::OK;
  };
  v1::ListAuditEventsRequest filters;
  filters.set_actor("ann");
  const auto events = admin_.ListAuditEvents(filters, 2);
  ASSERT_THAT(events, IsOk());
  EXPECT_EQ(events->size(), 2U);
  EXPECT_THAT(sizes, ElementsAre(2, 1));
}

TEST_F(AdminClientTest, UpdateNamesItsFields) {
  coordinator_.admin.update_user = [](const auto& request, auto& response) {
    EXPECT_THAT(request.update_mask().paths(), ElementsAre("max_running"));
    *response.mutable_user() = request.user();
    return grpc::Status::OK;
  };
  v1::User user;
  user.set_name("ann");
  user.set_max_running(3);
  const auto updated = admin_.UpdateUser(user, {"max_running"});
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->max_running(), 3);
}

TEST_F(AdminClientTest, DrainAndResumeAreTwoCalls) {
  coordinator_.admin.drain_worker = [](const auto& request, auto& response) {
    response.mutable_worker()->set_name(request.worker());
    response.mutable_worker()->set_draining(true);
    return grpc::Status::OK;
  };
  coordinator_.admin.resume_worker = [](const auto& request, auto& response) {
    response.mutable_worker()->set_name(request.worker());
    return grpc::Status::OK;
  };
  EXPECT_TRUE(admin_.DrainWorker("workers/w")->draining());
  EXPECT_FALSE(admin_.ResumeWorker("workers/w")->draining());
}

TEST_F(AdminClientTest, RefusalIsPassedOn) {
  coordinator_.admin.revoke_token = [](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "ask an administrator");
  };
  EXPECT_THAT(admin_.RevokeToken("tokens/1"), StatusIs(absl::StatusCode::kPermissionDenied));
}

}  // namespace
}  // namespace cusp::client
