#include "server/queue/worker_health.h"

#include <gtest/gtest.h>

namespace cusp::server {
namespace {

TEST(WorkerHealthTest, FailuresAddUpUntilASuccess) {
  EXPECT_EQ(FailuresAfter(0, AttemptEnd::kFailed, Failure{1, "died"}), 1);
  EXPECT_EQ(FailuresAfter(2, AttemptEnd::kFailed, std::nullopt), kFailuresToDrain);
  EXPECT_EQ(FailuresAfter(2, AttemptEnd::kSucceeded, std::nullopt), 0);
}

TEST(WorkerHealthTest, SweepGivenBackSaysNothing) {
  EXPECT_EQ(FailuresAfter(2, AttemptEnd::kReleased, std::nullopt), 2);
}

TEST(WorkerHealthTest, FaultsOfTheJobAreNotTheWorkers) {
  for (const int reason : {kReasonInvalidConfig, kReasonOutOfMemory}) {
    EXPECT_EQ(FailuresAfter(2, AttemptEnd::kFailed, Failure{reason, ""}), 2);
  }
}

}  // namespace
}  // namespace cusp::server
