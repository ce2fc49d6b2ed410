#include "analysis/batching.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "common/random.h"

namespace cusp::analysis {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Field;

const std::vector<LengthCount> kInputs = {{10, 1}, {20, 2}, {50, 1}};

auto Runs(double length, double share) {
  return ::testing::AllOf(Field(&LengthCount::length, length),
                          Field(&LengthCount::count, DoubleNear(share, 1e-12)));
}

TEST(BatchingTest, WithoutBatchesEveryInputRunsAtItsLength) {
  EXPECT_THAT(LengthsRun(kInputs, {}), ElementsAre(Runs(10, 0.25), Runs(20, 0.5), Runs(50, 0.25)));
}

TEST(BatchingTest, BucketsPadToTheirEndButNotBeyondTheLongest) {
  EXPECT_THAT(LengthsRun(kInputs, {.batching = Batching::kBucketed, .bucket_ends = {16, 32, 64}}),
              ElementsAre(Runs(16, 0.25), Runs(32, 0.5), Runs(50, 0.25)));
  EXPECT_THAT(LengthsRun(kInputs, {.batching = Batching::kBucketed, .bucket_ends = {20}}),
              ElementsAre(Runs(20, 0.75), Runs(50, 0.25)));
}

TEST(BatchingTest, LongestOfABatchIsThatOfRandomDraws) {
  const std::vector<LengthCount> lengths =
      LengthsRun(kInputs, {.batching = Batching::kLongest, .batch_size = 3});
  Random random(1);
  std::map<double, double> seen;
  constexpr int kDraws = 200'000;
  for (int i = 0; i < kDraws; ++i) {
    double longest = 0;
    for (int j = 0; j < 3; ++j) {
      const size_t at = random.Below(4);
      longest = std::max(longest, at == 0 ? 10.0 : at < 3 ? 20.0 : 50.0);
    }
    seen[longest] += 1.0 / kDraws;
  }
  ASSERT_EQ(lengths.size(), seen.size());
  for (const LengthCount& entry : lengths) {
    EXPECT_NEAR(entry.count, seen[entry.length], 0.005) << entry.length;
  }
}

TEST(BatchingTest, BatchOfOneIsNoBatch) {
  EXPECT_EQ(LengthsRun(kInputs, {.batching = Batching::kLongest, .batch_size = 1}),
            LengthsRun(kInputs, {}));
}

TEST(BatchingTest, LargeBatchesRunAtTheLongest) {
  const auto lengths = LengthsRun(kInputs, {.batching = Batching::kLongest, .batch_size = 1000});
  EXPECT_EQ(lengths.back().length, 50);
  EXPECT_NEAR(lengths.back().count, 1, 1e-12);
}

TEST(BatchingTest, ManyLengthsBecomeMeansOfSteps) {
  std::vector<LengthCount> many;
  for (int i = 100; i <= 10'000; ++i) {
    many.push_back({static_cast<double>(i), 1.0 + i % 3});
  }
  const std::vector<LengthCount> few = Binned(many, 50);
  EXPECT_LE(few.size(), 50U);
  EXPECT_GE(few.size(), 45U);
  const auto sums = [](const std::vector<LengthCount>& lengths) {
    double count = 0;
    double sum = 0;
    for (const LengthCount& entry : lengths) {
      count += entry.count;
      sum += entry.count * entry.length;
    }
    return std::pair(count, sum / count);
  };
  EXPECT_NEAR(sums(few).first, sums(many).first, 1e-6);
  EXPECT_NEAR(sums(few).second, sums(many).second, 1e-6);
  EXPECT_TRUE(std::is_sorted(few.begin(), few.end(),
                             [](const auto& a, const auto& b) { return a.length < b.length; }));
  EXPECT_EQ(Binned(kInputs, 3), kInputs);
}

TEST(BatchingTest, DoublingEndsReachTheLongest) {
  EXPECT_THAT(DoublingEnds(16, 50), ElementsAre(16, 32, 64));
  EXPECT_THAT(DoublingEnds(16, 64), ElementsAre(16, 32, 64));
  EXPECT_THAT(DoublingEnds(16, 3), ElementsAre(16));
}

}  // namespace
}  // namespace cusp::analysis
