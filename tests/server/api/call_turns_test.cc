#include "server/api/call_turns.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CallTurnsTest : public ::testing::Test {
 protected:
  absl::Status Add(const std::string& user) {
    return turns_.Add({user, LongCallKind::kUsers, nullptr});
  }
  absl::Status Administer(const std::string& user) {
    return turns_.Add({user, LongCallKind::kAdministration, nullptr});
  }
  // Starts all that may run, as if there were threads without end.
  std::vector<std::string> StartAll() {
    std::vector<std::string> users;
    while (auto call = turns_.Next()) {
      users.push_back(call->user);
    }
    return users;
  }
  void End(const std::string& user) { turns_.Done({user, LongCallKind::kUsers, nullptr}); }

  CallTurns turns_{{.threads = 4, .waiting = 6}};
};

TEST_F(CallTurnsTest, OneUserHasTwoRunningAndFourAtAll) {
  for (int i = 0; i < 4; ++i) {
    ASSERT_THAT(Add("alice"), IsOk());
  }
  EXPECT_THAT(Add("alice"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("wait until one ends")));
  EXPECT_THAT(StartAll(), ElementsAre("alice", "alice"));
  EXPECT_THAT(Add("alice"), StatusIs(absl::StatusCode::kResourceExhausted));
  End("alice");
  EXPECT_THAT(StartAll(), ElementsAre("alice"));
  EXPECT_THAT(Add("alice"), IsOk());
}

TEST_F(CallTurnsTest, AnotherUserPassesThoseWhoWaitForThemselves) {
  for (int i = 0; i < 4; ++i) {
    ASSERT_THAT(Add("alice"), IsOk());
  }
  ASSERT_THAT(Add("bob"), IsOk());
  EXPECT_THAT(StartAll(), ElementsAre("alice", "alice", "bob"));
}

TEST_F(CallTurnsTest, FirstComeFirstServedAmongThoseWhoMay) {
  for (const char* user : {"carol", "alice", "bob", "dave"}) {
    ASSERT_THAT(Add(user), IsOk());
  }
  EXPECT_THAT(StartAll(), ElementsAre("carol", "alice", "bob"));
  End("alice");
  EXPECT_THAT(StartAll(), ElementsAre("dave"));
}

TEST_F(CallTurnsTest, OneThreadStaysForAdministration) {
  for (const char* user : {"alice", "bob", "carol", "dave"}) {
    ASSERT_THAT(Add(user), IsOk());
  }
  EXPECT_THAT(StartAll(), ElementsAre("alice", "bob", "carol"));
  ASSERT_THAT(Administer("admin"), IsOk());
  EXPECT_THAT(StartAll(), ElementsAre("admin"));
  turns_.Done({"admin", LongCallKind::kAdministration, nullptr});
  EXPECT_THAT(StartAll(), IsEmpty());  // dave still waits for a user's thread
  EXPECT_TRUE(turns_.IsWaiting());
}

TEST_F(CallTurnsTest, WaitingUsersTakeNoPlaceFromAdministration) {
  for (const char* user : {"alice", "alice", "alice", "bob", "bob", "bob"}) {
    ASSERT_THAT(Add(user), IsOk());
  }
  EXPECT_THAT(Add("carol"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("of all users wait")));
  for (int i = 0; i < 6; ++i) {  // more than a user may: they are no user's
    EXPECT_THAT(Administer("alice"), IsOk());
  }
  EXPECT_THAT(Administer("admin"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("backups")));
}

TEST_F(CallTurnsTest, OneThreadAloneRunsEverything) {
  CallTurns turns({.threads = 1, .waiting = 6});
  ASSERT_THAT(turns.Add({"alice", LongCallKind::kUsers, nullptr}), IsOk());
  EXPECT_TRUE(turns.Next().has_value());
}

}  // namespace
}  // namespace cusp::server
