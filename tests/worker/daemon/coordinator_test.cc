#include "worker/daemon/coordinator.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/daemon/fake_coordinator.h"

namespace cusp::worker {
namespace {

class CoordinatorTest : public ::testing::Test {
 protected:
  FakeCoordinator server_;
  Coordinator coordinator_{server_.Connect()};
};

TEST_F(CoordinatorTest, SyncNeedsARegistration) {
  v1::SyncWorkerRequest sync;
  sync.set_worker("workers/w");
  EXPECT_THAT(coordinator_.Sync(sync, true), StatusIs(absl::StatusCode::kNotFound));
  v1::Worker worker;
  worker.set_name("workers/w");
  EXPECT_THAT(coordinator_.Register(worker), IsOk());
  EXPECT_THAT(coordinator_.Sync(sync, true), IsOk());
}

TEST_F(CoordinatorTest, CancelMissesNoSyncThatIsAboutToBegin) {
  coordinator_.CancelSync();
  EXPECT_THAT(coordinator_.Sync({}, true), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(coordinator_.Sync({}, true), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(CoordinatorTest, AllPagesOfBlocksAreRead) {
  server_.Set([](CoordinatorState& state) {
    for (int64_t i = 1; i <= 25; ++i) {
      state.blocks[i].set_block(i);
    }
  });
  const auto blocks = coordinator_.ListBlocks("jobs/j/sweeps/1");
  ASSERT_THAT(blocks, IsOk());
  ASSERT_EQ(blocks->size(), 25U);
  EXPECT_EQ(blocks->back().block(), 25);
}

TEST_F(CoordinatorTest, AbsentCoordinatorIsUnavailable) {
  server_.Stop();
  EXPECT_THAT(coordinator_.Finish({}, std::chrono::seconds(5)),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST(IsPermanentTest, OnlyRefusalsAre) {
  EXPECT_TRUE(IsPermanent(absl::FailedPreconditionError("")));
  EXPECT_TRUE(IsPermanent(absl::InvalidArgumentError("")));
  EXPECT_FALSE(IsPermanent(absl::UnavailableError("")));
  EXPECT_FALSE(IsPermanent(absl::ResourceExhaustedError("")));
  EXPECT_FALSE(IsPermanent(absl::UnauthenticatedError("")));
  EXPECT_FALSE(IsPermanent(absl::OkStatus()));
}

}  // namespace
}  // namespace cusp::worker
