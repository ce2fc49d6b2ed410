#include "server/api/slow_calls.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

TEST(SlowCallsTest, RunsOnAnotherThread) {
  SlowCalls slow(1, 4);
  std::promise<std::thread::id> ran;
  ASSERT_THAT(slow.Run([&] { ran.set_value(std::this_thread::get_id()); }), IsOk());
  EXPECT_NE(ran.get_future().get(), std::this_thread::get_id());
}

TEST(SlowCallsTest, TooManyAreRefused) {
  SlowCalls slow(1, 1);
  std::promise<void> started;
  std::promise<void> go_on;
  ASSERT_THAT(slow.Run([&] {
    started.set_value();
    go_on.get_future().wait();
  }),
              IsOk());
  started.get_future().wait();
  std::atomic<int> ran = 0;
  EXPECT_THAT(slow.Run([&] { ++ran; }), IsOk());
  EXPECT_THAT(slow.Run([&] { ++ran; }), StatusIs(absl::StatusCode::kResourceExhausted));
  go_on.set_value();
  slow.Stop();
  EXPECT_EQ(ran, 1);
}

TEST(SlowCallsTest, StopFinishesWhatWasTakenAndRefusesTheRest) {
  SlowCalls slow(1, 4);
  std::atomic<int> ran = 0;
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(slow.Run([&] { ++ran; }), IsOk());
  }
  EXPECT_FALSE(slow.IsStopping());
  slow.Stop();
  EXPECT_TRUE(slow.IsStopping());
  EXPECT_EQ(ran, 3);
  EXPECT_THAT(slow.Run([&] { ++ran; }), StatusIs(absl::StatusCode::kUnavailable));
  slow.Stop();
}

}  // namespace
}  // namespace cusp::server
