#include "worker/measure/batch_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace cusp::measure {
namespace {

// Batches tried, and the best found, where a step of a batch takes so many seconds; 0: it
// does not run.
struct Searched {
  std::vector<int32_t> tried;
  int32_t best = 0;
};
Searched Search(int32_t start, const std::function<double(int32_t)>& seconds,
                double most_seconds = 1e9) {
  BestBatchSearch search(start, most_seconds);
  Searched searched;
  while (const auto batch = search.Next()) {
    searched.tried.push_back(*batch);
    search.Add(*batch, seconds(*batch));
    EXPECT_LT(searched.tried.size(), 60U);
    if (searched.tried.size() >= 60U) {
      break;
    }
  }
  searched.best = search.best();
  return searched;
}

// Costs of a call and of each input, and more from where a cache is full.
double Step(int32_t batch) { return 8e-3 + 1e-3 * batch + 1e-5 * batch * batch; }

double Rate(int32_t batch) { return batch / Step(batch); }

TEST(BatchSearchTest, FindsABatchNearTheMostInputsPerSecond) {
  double most = 0;
  for (int32_t batch = 1; batch < 1000; ++batch) {
    most = std::max(most, Rate(batch));
  }
  for (const int32_t start : {1, 8, 64, 1024}) {
    const Searched searched = Search(start, Step);
    EXPECT_GT(Rate(searched.best), 0.97 * most) << "from " << start;
    EXPECT_LE(searched.tried.size(), 16U);
  }
}

TEST(BatchSearchTest, WhereBatchesGainNothingOneIsBest) {
  const Searched searched = Search(1, [](int32_t batch) { return 1e-3 * batch; });
  EXPECT_EQ(searched.best, 1);
  EXPECT_EQ(searched.tried, (std::vector<int32_t>{1, 2, 4}));
  EXPECT_EQ(Search(64, [](int32_t batch) { return 1e-3 * batch; }).best, 1);
}

TEST(BatchSearchTest, NothingBeyondWhatFailedIsTried) {
  const Searched searched =
      Search(1, [](int32_t batch) { return batch > 20 ? 0 : 1e-3 + 1e-6 * batch; });
  EXPECT_EQ(std::count_if(searched.tried.begin(), searched.tried.end(),
                          [](int32_t batch) { return batch > 32; }),
            0);
  EXPECT_GE(searched.best, 16);
  EXPECT_LE(searched.best, 20);
}

TEST(BatchSearchTest, StepsThatPromiseToTakeTooLongAreNotTried) {
  const auto seconds = [](int32_t batch) { return 1 + 1e-3 * batch; };
  const Searched searched = Search(1, seconds, 8);
  for (const int32_t batch : searched.tried) {
    EXPECT_LE(seconds(batch), 8);
  }
  EXPECT_GE(searched.best, 2048);
}

TEST(BatchSearchTest, WhatDoesNotRunAtAllHasNoBest) {
  EXPECT_EQ(Search(16, [](int32_t) { return 0.0; }).best, 0);
}

TEST(BatchSearchTest, LargestIsFoundWithinASixteenth) {
  for (const int32_t truth : {1, 2, 3, 17, 100, 5000, 70'000}) {
    for (const int32_t start : {1, 64, 60'000}) {
      LargestBatchSearch search(start, 1);
      int tries = 0;
      while (const auto batch = search.Next()) {
        search.Add(*batch, *batch <= truth, 0.1);
        ASSERT_LT(++tries, 60);
      }
      const int32_t reachable = std::min(truth, kLargestBatch);
      EXPECT_LE(search.largest(), reachable);
      EXPECT_GE(search.largest(), reachable - std::max(reachable / 16, 1) + 1) << truth;
      EXPECT_EQ(search.bounded(), truth < kLargestBatch);
    }
  }
}

TEST(BatchSearchTest, NoneLargerThanASlowOneIsTried) {
  LargestBatchSearch search(1, 1);
  while (const auto batch = search.Next()) {
    search.Add(*batch, true, 0.1 * *batch);
  }
  EXPECT_EQ(search.largest(), 16);
  EXPECT_FALSE(search.bounded());
}

TEST(BatchSearchTest, WhatNeverFitsHasNoLargest) {
  LargestBatchSearch search(64, 1);
  while (const auto batch = search.Next()) {
    search.Add(*batch, false, 0);
  }
  EXPECT_EQ(search.largest(), 0);
}

}  // namespace
}  // namespace cusp::measure
