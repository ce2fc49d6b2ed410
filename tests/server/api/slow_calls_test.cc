#include "server/api/slow_calls.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

constexpr LongCallKind kUsers = LongCallKind::kUsers;

TEST(SlowCallsTest, RunsOnAnotherThread) {
  std::promise<std::thread::id> ran;
  SlowCalls slow({.threads = 1, .waiting = 4});  // ends before what its calls use
  ASSERT_THAT(slow.Run("alice", kUsers, [&] { ran.set_value(std::this_thread::get_id()); }),
              IsOk());
  EXPECT_NE(ran.get_future().get(), std::this_thread::get_id());
}

TEST(SlowCallsTest, TooManyAreRefused) {
  SlowCalls slow({.threads = 1, .waiting = 1});
  std::promise<void> started;
  std::promise<void> go_on;
  ASSERT_THAT(slow.Run("alice", kUsers,
                       [&] {
                         started.set_value();
                         go_on.get_future().wait();
                       }),
              IsOk());
  started.get_future().wait();
  std::atomic<int> ran = 0;
  EXPECT_THAT(slow.Run("alice", kUsers, [&] { ++ran; }), IsOk());
  EXPECT_THAT(slow.Run("alice", kUsers, [&] { ++ran; }),
              StatusIs(absl::StatusCode::kResourceExhausted));
  go_on.set_value();
  slow.Stop();
  EXPECT_EQ(ran, 1);
}

TEST(SlowCallsTest, StopFinishesWhatWasTakenAndRefusesTheRest) {
  SlowCalls slow({.threads = 1, .waiting = 4});
  std::atomic<int> ran = 0;
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(slow.Run("alice", kUsers, [&] { ++ran; }), IsOk());
  }
  EXPECT_FALSE(slow.IsStopping());
  slow.Stop();
  EXPECT_TRUE(slow.IsStopping());
  EXPECT_EQ(ran, 3);
  EXPECT_THAT(slow.Run("alice", kUsers, [&] { ++ran; }), StatusIs(absl::StatusCode::kUnavailable));
  slow.Stop();
}

// All three wait to be let go, so the fourth thread is the only one that can.
TEST(SlowCallsTest, AdministrationRunsBesideUsersWhoFillTheirShare) {
  std::promise<void> go_on;
  const std::shared_future<void> may_go_on = go_on.get_future().share();
  SlowCalls slow({.threads = 4, .waiting = 16});
  for (const char* user : {"alice", "alice", "alice", "bob", "bob", "carol"}) {
    ASSERT_THAT(slow.Run(user, kUsers, [&] { may_go_on.wait(); }), IsOk());
  }
  ASSERT_THAT(slow.Run("admin", LongCallKind::kAdministration, [&] { go_on.set_value(); }), IsOk());
  may_go_on.wait();
}

TEST(SlowCallsTest, WhatWaitsForItsUserRunsWhenOneEnds) {
  std::atomic<int> at_once = 0;
  std::atomic<int> ran = 0;
  std::promise<void> last;
  SlowCalls slow({.threads = 4, .waiting = 16, .running_per_user = 1});
  for (int i = 0; i < 4; ++i) {
    ASSERT_THAT(slow.Run("alice", kUsers,
                         [&] {
                           EXPECT_EQ(++at_once, 1);
                           --at_once;
                           if (++ran == 4) {
                             last.set_value();
                           }
                         }),
                IsOk());
  }
  last.get_future().wait();
}

}  // namespace
}  // namespace cusp::server
