#include "server/store/audit.h"

#include <string>
#include <vector>

#include "server/store/requests.h"
#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AuditTest : public DatabaseTest {
 protected:
  AuditTest() : job_(Insert("abc")) {  // time 1000, "u" submits
    Transaction tx = Tx();
    tx.now_us = 2000;
    EXPECT_THAT(Audit(tx, "ann", "token_created", std::nullopt, "token 1"), IsOk());
    tx.now_us = 3000;
    EXPECT_THAT(Audit(tx, "ann", "job_cancelled", job_.id, ""), IsOk());
  }

  std::vector<std::string> Actions(const AuditFilter& filter) {
    const auto events = ListAuditEvents(*db_, filter);
    EXPECT_THAT(events, IsOk());
    std::vector<std::string> actions;
    for (const AuditEvent& event : *events) {
      actions.push_back(event.action);
    }
    return actions;
  }

  Job job_;
};

TEST_F(AuditTest, NewestComesFirstWithTheJobsId) {
  EXPECT_THAT(Actions({}), ElementsAre("job_cancelled", "token_created", "job_submitted"));
  const auto events = ListAuditEvents(*db_, {});
  EXPECT_EQ(events->at(0).job, "abc");
  EXPECT_EQ(events->at(1).job, "");
  EXPECT_EQ(events->at(1).detail, "token 1");
}

TEST_F(AuditTest, EachFilterCounts) {
  AuditFilter filter;
  filter.actor = "ann";
  EXPECT_THAT(Actions(filter), ElementsAre("job_cancelled", "token_created"));
  filter.job_id = job_.id;
  EXPECT_THAT(Actions(filter), ElementsAre("job_cancelled"));
  filter.action = "job_submitted";
  EXPECT_THAT(Actions(filter), IsEmpty());
  filter = {};
  filter.since_us = 2000;
  EXPECT_THAT(Actions(filter), ElementsAre("job_cancelled", "token_created"));
}

TEST_F(AuditTest, PageGoesOnBeforeAnId) {
  AuditFilter filter;
  filter.limit = 1;
  const auto first = ListAuditEvents(*db_, filter);
  ASSERT_EQ(first->size(), 1U);
  filter.before_id = first->front().id;
  EXPECT_THAT(Actions(filter), ElementsAre("token_created"));
}

}  // namespace
}  // namespace cusp::server
