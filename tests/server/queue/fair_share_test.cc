#include "server/queue/fair_share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/server/queue/queue_simulation.h"

namespace cusp::server {
namespace {

using ::testing::Optional;

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kHour = 3600 * kSecond;
constexpr int64_t kNow = 1000 * kHour;

// A claim of a user who has waited for a minute.
Claim ClaimOf(double used_seconds, double weight = 1, int priority = 0) {
  static int64_t job = 0;
  Claim claim;
  claim.sweep.job_id = ++job;
  claim.sweep.priority = priority;
  claim.waits_since_us = kNow - 60 * kSecond;
  claim.share.usage = {used_seconds, kNow, 0};
  claim.share.weight = weight;
  return claim;
}

TEST(FairShareTest, UsageHalvesInADay) {
  const Usage later = UsageAt({1000, kNow, 0}, kNow + 24 * kHour);
  EXPECT_DOUBLE_EQ(later.seconds, 500);
  EXPECT_EQ(later.time_us, kNow + 24 * kHour);
}

TEST(FairShareTest, AFreshLeaseIsChargedItsTime) {
  EXPECT_NEAR(UsageAt({0, kNow, 3}, kNow + 10 * kSecond).seconds, 30, 0.01);
}

TEST(FairShareTest, UsageDoesNotDependOnHowOftenItIsAsked) {
  const Usage start{5000, kNow, 2};
  Usage stepped = start;
  for (int64_t hour = 1; hour <= 30; ++hour) {
    stepped = UsageAt(stepped, kNow + hour * kHour);
  }
  EXPECT_NEAR(stepped.seconds, UsageAt(start, kNow + 30 * kHour).seconds, 1e-6);
}

TEST(FairShareTest, UsageOfAnEternalLeaseIsBounded) {
  const double most = kUsageHalfLifeSeconds / std::log(2);
  EXPECT_NEAR(UsageAt({0, 0, 1}, 24 * 365 * kHour).seconds, most, 1e-3);
}

TEST(FairShareTest, DateThatWasSetBackChangesNoUsage) {
  const Usage before = UsageAt({1000, kNow, 2}, kNow - 5 * kHour);
  EXPECT_EQ(before.seconds, 1000);
  EXPECT_EQ(before.time_us, kNow - 5 * kHour);
}

TEST(FairShareTest, LeastUsageForItsWeightGoesFirst) {
  EXPECT_THAT(ChooseClaim({ClaimOf(500), ClaimOf(400), ClaimOf(600)}, kNow), Optional(1U));
  EXPECT_THAT(ChooseClaim({ClaimOf(500), ClaimOf(900, 2), ClaimOf(600)}, kNow), Optional(1U));
}

TEST(FairShareTest, EqualUsersGoByAge) {
  EXPECT_THAT(ChooseClaim({ClaimOf(7), ClaimOf(7)}, kNow), Optional(0U));
}

TEST(FairShareTest, WhatRunsCountsAheadBeforeItHasTakenTime) {
  std::vector<Claim> claims = {ClaimOf(0), ClaimOf(100)};
  claims[0].share.usage.running = 1;
  EXPECT_THAT(ChooseClaim(claims, kNow), Optional(1U));
}

TEST(FairShareTest, PriorityStepsOverUsage) {
  EXPECT_THAT(ChooseClaim({ClaimOf(0), ClaimOf(9000, 1, 1)}, kNow), Optional(1U));
}

TEST(FairShareTest, UserAtHisCapIsPassedOver) {
  std::vector<Claim> claims = {ClaimOf(0, 1, 100), ClaimOf(100)};
  claims[0].share.max_running = 2;
  claims[0].share.usage.running = 2;
  EXPECT_THAT(ChooseClaim(claims, kNow), Optional(1U));
  claims[0].share.usage.running = 1;
  EXPECT_THAT(ChooseClaim(claims, kNow), Optional(0U));
  EXPECT_EQ(ChooseClaim({}, kNow), std::nullopt);
}

TEST(FairShareTest, APointOfPriorityIsWorthAStepOfWaiting) {
  std::vector<Claim> claims = {ClaimOf(9000, 1, 5), ClaimOf(0, 1, 0)};
  claims[1].waits_since_us = kNow - 5 * kAgeStepUs + kSecond;
  EXPECT_THAT(ChooseClaim(claims, kNow), Optional(0U));
  claims[1].waits_since_us = kNow - 5 * kAgeStepUs;
  EXPECT_THAT(ChooseClaim(claims, kNow), Optional(1U));
}

TEST(FairShareTest, AgeLiftsNobodyAboveTheHighestPriority) {
  // Else shares would become turns as soon as turns are rarer than steps.
  std::vector<Claim> claims = {ClaimOf(9000), ClaimOf(100)};
  claims[0].waits_since_us = kNow - kOverdueUs + kSecond;
  EXPECT_THAT(ChooseClaim(claims, kNow), Optional(1U));
}

TEST(FairShareTest, WhoIsOverdueGoesFirstAndTheLongestOfThemBefore) {
  std::vector<Claim> claims = {ClaimOf(0, 1, 100), ClaimOf(9000, 0.1, -100), ClaimOf(9000)};
  claims[1].waits_since_us = kNow - kOverdueUs;
  EXPECT_THAT(ChooseClaim(claims, kNow), Optional(1U));
  claims[2].waits_since_us = kNow - kOverdueUs - kSecond;
  EXPECT_THAT(ChooseClaim(claims, kNow), Optional(2U));
}

TEST(FairShareTest, NewHeadOfHigherPriorityDoesNotEndAUsersWaiting) {
  const QueuedSweep old{1, 0, 1, 1, 100};
  const QueuedSweep fresh{2, 5, 2, 1, 900};
  EXPECT_EQ(WaitsSince({fresh, old}, 0), 100);
  EXPECT_EQ(WaitsSince({fresh, old}, 500), 500);
}

TEST(FairShareTest, WeightOfNothingIsAFiniteLoad) {
  EXPECT_TRUE(std::isfinite(LoadOf(ClaimOf(100, 0).share, kNow)));
}

TEST(FairShareTest, OwnOrderIsPriorityThenAge) {
  const QueuedSweep old{1, 0, 1, 1, 0};
  const QueuedSweep second{2, 0, 1, 2, 0};
  const QueuedSweep urgent{3, 1, 2, 1, 0};
  EXPECT_TRUE(GoesBefore(urgent, old));
  EXPECT_FALSE(GoesBefore(old, urgent));
  EXPECT_TRUE(GoesBefore(old, second));
}

TEST(FairShareTest, OneTurnInFourGoesToAnOverdueSweepOfOnesOwn) {
  const std::vector<QueuedSweep> heads = {{1, 5, 9, 1, kNow}, {2, 0, 3, 1, kNow - kOverdueUs}};
  int64_t given = 0;
  for (int64_t turns = 0; turns < 4 * 10; ++turns) {
    if (const auto own = ChooseOverdueOwn(heads, turns, kNow)) {
      EXPECT_EQ(*own, 1U);
      ++given;
    }
  }
  EXPECT_EQ(given, 10);
  const std::vector<QueuedSweep> young = {{1, 5, 9, 1, kNow}, {2, 0, 3, 1, kNow - kOverdueUs + 1}};
  EXPECT_EQ(ChooseOverdueOwn(young, kOwnTurns - 1, kNow), std::nullopt);
}

TEST(FairShareTest, AheadOfAnotherUserAreTurnsAndNotTheWholeBacklog) {
  const std::vector<Backlog> backlogs = {{ClaimOf(0), {{0, 5000}}}, {ClaimOf(0), {{0, 10}}}};
  // The older flooder goes first, then each in turn.
  EXPECT_EQ(CountAhead(backlogs, 1, 0, 300, kNow, 1000), 1);
  EXPECT_EQ(CountAhead(backlogs, 1, 4, 300, kNow, 1000), 9);
  EXPECT_EQ(CountAhead(backlogs, 0, 4, 300, kNow, 1000), 8);
}

TEST(FairShareTest, AheadCountsHigherPrioritiesOfOthersFirst) {
  const std::vector<Backlog> backlogs = {{ClaimOf(0, 1, 9), {{9, 7}, {0, 5}}},
                                         {ClaimOf(0), {{0, 1}}}};
  EXPECT_EQ(CountAhead(backlogs, 1, 0, 300, kNow, 1000), 7);
}

TEST(FairShareTest, AheadEndsAtItsLimitAndPassesOverUsersAtTheirCap) {
  std::vector<Backlog> backlogs = {{ClaimOf(0, 1, 9), {{9, 5000}}}, {ClaimOf(0), {{0, 1}}}};
  EXPECT_EQ(CountAhead(backlogs, 1, 0, 300, kNow, 1000), 1000);
  backlogs[0].claim.share.max_running = 1;
  backlogs[0].claim.share.usage.running = 1;
  EXPECT_EQ(CountAhead(backlogs, 1, 0, 300, kNow, 1000), 0);
}

TEST(FairShareTest, SharesOfADayAreThoseOfTheWeights) {
  SimulatedQueue queue;
  queue.users = {{.name = "flooder", .weight = 1, .jobs = 5000},
                 {.name = "double", .weight = 2, .jobs = 3000},
                 {.name = "team", .weight = 3, .device = "big", .jobs = 3000}};
  queue.device_classes = {"big", "big", "big", "small"};
  const auto outcomes = Simulate(queue, SimulatedOrder::kQueue);
  const std::vector<double> shares = SharesOfBacklogged(queue, outcomes, 0);
  const std::vector<double> due = DueShares(queue, outcomes, 0);
  for (size_t i = 0; i < due.size(); ++i) {
    EXPECT_NEAR(shares[i], due[i], 0.05 * due[i]) << queue.users[i].name;
  }
}

TEST(FairShareTest, NobodyStarvesBehindAFlooderOrAPriority) {
  SimulatedQueue queue;
  queue.users = {{.name = "flooder", .priority = 100, .jobs = 5000},
                 {.name = "late", .start_s = 3 * 3600, .jobs = 2},
                 {.name = "patient", .priority = -100, .jobs = 20}};
  queue.device_classes = {"one"};
  queue.end_s = 72 * 3600;
  const auto outcomes = Simulate(queue, SimulatedOrder::kQueue);
  // The steps of ageing from the lowest priority to the highest, and two sweeps.
  const int64_t bound_s = 200 * kAgeStepUs / kSecond + 2 * queue.longest_s;
  EXPECT_LE(outcomes[2].longest_gap_s, bound_s);
  EXPECT_LE(outcomes[1].longest_gap_s, bound_s / 2 + 2 * queue.longest_s);
  EXPECT_EQ(outcomes[1].left, 0);
  // By age alone the flooder's backlog would go first.
  const auto fifo = Simulate(queue, SimulatedOrder::kFifo);
  EXPECT_EQ(fifo[1].sweeps, 0);
  EXPECT_EQ(fifo[2].sweeps, 0);
}

TEST(FairShareTest, LightUserHardlyWaitsBesideAFlooder) {
  SimulatedQueue queue;
  queue.users = {{.name = "flooder", .jobs = 5000}, {.name = "light", .jobs = 1, .every_s = 3600}};
  queue.device_classes = {"one", "one"};
  const auto outcomes = Simulate(queue, SimulatedOrder::kQueue);
  EXPECT_LE(outcomes[1].longest_wait_s, queue.longest_s);
  EXPECT_EQ(outcomes[1].left, 0);
}

TEST(FairShareTest, CapHoldsInTheSimulationToo) {
  SimulatedQueue queue;
  queue.users = {{.name = "capped", .jobs = 1000, .max_running = 1}};
  queue.device_classes = {"one", "one", "one"};
  const auto outcomes = Simulate(queue, SimulatedOrder::kQueue);
  EXPECT_LE(outcomes[0].device_s, static_cast<double>(queue.end_s));
  EXPECT_GT(outcomes[0].device_s, 0.99 * static_cast<double>(queue.end_s));
}

}  // namespace
}  // namespace cusp::server
