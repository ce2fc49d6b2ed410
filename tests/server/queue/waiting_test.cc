#include "server/queue/waiting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cusp::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

constexpr int64_t kMinute = int64_t{60} * 1'000'000;
// 2026-11-28 13:00 UTC.
constexpr int64_t kNow = int64_t{1'795'870'800} * 1'000'000;

// Waits for nothing but its turn.
WaitingFacts Facts(const std::string& device) {
  WaitingFacts facts;
  facts.device = device;
  facts.workers_alive = 2;
  facts.workers_serving = 1;
  facts.workers_taking = 1;
  facts.now_us = kNow;
  return facts;
}

TEST(WaitingTest, TurnIsToldWithWhatIsAheadAndTheEstimatedStart) {
  WaitingFacts facts = Facts("NVIDIA H200");
  facts.sweeps_ahead = 2;
  facts.start_us = kNow + 65 * kMinute;
  EXPECT_EQ(WaitingReason(facts),
            "waiting for a free NVIDIA H200: 2 ahead, estimated start 14:05 UTC");
  EXPECT_TRUE(WaitsForItsTurn(facts));
}

TEST(WaitingTest, StartOfAnotherDayHasItsDate) {
  WaitingFacts facts = Facts("auto");
  facts.start_us = kNow + 2 * 24 * 60 * kMinute;
  EXPECT_EQ(WaitingReason(facts),
            "waiting for a free worker: 0 ahead, estimated start 2026-11-30 13:00 UTC");
}

TEST(WaitingTest, StartThatIsNotKnownIsNotMadeUp) {
  WaitingFacts facts = Facts("cuda");
  facts.sweeps_ahead = kMaxAhead;
  EXPECT_EQ(WaitingReason(facts),
            "waiting for a free cuda worker: 1000 or more ahead, start not known yet");
}

TEST(WaitingTest, HoldGoesBeforeAllOtherReasons) {
  WaitingFacts facts = Facts("auto");
  facts.waits_for = {"abc"};
  facts.held = true;
  EXPECT_THAT(WaitingReason(facts), HasSubstr("release"));
  EXPECT_FALSE(WaitsForItsTurn(facts));
}

TEST(WaitingTest, JobsThatHaveToSucceedFirstAreNamed) {
  WaitingFacts facts = Facts("auto");
  facts.waits_for = {"abc"};
  EXPECT_EQ(WaitingReason(facts), "waiting for job abc to succeed");
  facts.waits_for = {"abc", "def"};
  EXPECT_EQ(WaitingReason(facts), "waiting for jobs abc, def to succeed");
  EXPECT_FALSE(WaitsForItsTurn(facts));
}

TEST(WaitingTest, MissingWorkersAreTold) {
  WaitingFacts facts = Facts("cuda");
  facts.workers_taking = 0;
  EXPECT_THAT(WaitingReason(facts), HasSubstr("is drained"));
  facts.workers_serving = 0;
  EXPECT_THAT(WaitingReason(facts), HasSubstr("none of the 2"));
  facts.workers_alive = 0;
  EXPECT_THAT(WaitingReason(facts), HasSubstr("start cusp-worker"));
  EXPECT_FALSE(WaitsForItsTurn(facts));
}

TEST(WaitingTest, CapIsToldOnceItIsReached) {
  WaitingFacts facts = Facts("auto");
  facts.max_running = 2;
  facts.running = 2;
  EXPECT_THAT(WaitingReason(facts), HasSubstr("2 sweeps of its owner are running"));
  EXPECT_FALSE(WaitsForItsTurn(facts));
  facts.running = 1;
  EXPECT_TRUE(WaitsForItsTurn(facts));
}

TEST(WaitingTest, FreeWorkerStartsAtOnce) {
  EXPECT_THAT(EstimateStart({5 * kMinute, 0}, 0, 10 * kMinute, kNow), Optional(kNow));
}

TEST(WaitingTest, SweepsAheadTakeTheWorkersAsTheyBecomeFree) {
  // At 5 and 8 min the first two; then the third at 15, the fourth at 18.
  const std::vector<int64_t> free_in = {8 * kMinute, 5 * kMinute};
  EXPECT_THAT(EstimateStart(free_in, 1, 10 * kMinute, kNow), Optional(kNow + 8 * kMinute));
  EXPECT_THAT(EstimateStart(free_in, 2, 10 * kMinute, kNow), Optional(kNow + 15 * kMinute));
  EXPECT_THAT(EstimateStart(free_in, 3, 10 * kMinute, kNow), Optional(kNow + 18 * kMinute));
}

TEST(WaitingTest, WithoutAWorkerNothingStarts) {
  EXPECT_EQ(EstimateStart({}, 0, kMinute, kNow), std::nullopt);
}

}  // namespace
}  // namespace cusp::server
