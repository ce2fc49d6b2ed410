#include "client/cli/admin_audit.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

class AdminAuditTest : public CliTest {
 protected:
  AdminAuditTest() {
    coordinator_.admin.list_audit_events = [this](const auto& request, auto& response) {
      request_ = request;
      if (request.actor() != "nobody") {
        v1::AuditEvent* event = response.add_events();
        event->set_id(3);
        event->mutable_time()->set_seconds(1'767'225'600);
        event->set_actor("ann");
        event->set_action("job_cancelled");
        event->set_job("jobs/abc");
      }
      return grpc::Status::OK;
    };
  }

  v1::ListAuditEventsRequest request_;
};

TEST_F(AdminAuditTest, FiltersAreSent) {
  EXPECT_EQ(CallCusp({"admin", "audit", "--actor", "ann", "--action", "job_cancelled", "--job",
                      "abc", "--since", "2026-01-01", "--limit", "5"})
                .code,
            0);
  EXPECT_EQ(request_.actor(), "ann");
  EXPECT_EQ(request_.action(), "job_cancelled");
  EXPECT_EQ(request_.job(), "jobs/abc");
  EXPECT_EQ(request_.since_time().seconds(), 1'767'225'600);
  EXPECT_EQ(request_.page_size(), 5);
}

TEST_F(AdminAuditTest, PrintsATableOrJson) {
  EXPECT_THAT(CallCusp({"admin", "audit"}).out,
              HasSubstr("2026-01-01 00:00  ann    job_cancelled  abc"));
  EXPECT_EQ(request_.page_size(), 100);
  const auto json = nlohmann::json::parse(CallCusp({"admin", "audit", "--json"}).out);
  EXPECT_EQ(json["events"][0]["job"], "abc");
  const CuspResult none = CallCusp({"admin", "audit", "--actor", "nobody"});
  EXPECT_EQ(none.code, 0);
  EXPECT_THAT(none.err, HasSubstr("nothing matches"));
}

TEST_F(AdminAuditTest, BadFiltersAreBadUsage) {
  EXPECT_EQ(CallCusp({"admin", "audit", "--since", "soon"}).code, kExitUsage);
  EXPECT_EQ(CallCusp({"admin", "audit", "--job", "../x"}).code, kExitUsage);
}

}  // namespace
}  // namespace cusp::client
