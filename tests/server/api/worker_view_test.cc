#include "server/api/worker_view.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace cusp::server {
namespace {

class WorkerViewTest : public ::testing::Test {
 protected:
  WorkerViewTest() {
    listed_.worker.name = "w";
    listed_.register_time_us = 5'000'000;
  }
  v1::Worker View() { return ViewOf(listed_, board_); }

  FakeClock clock_;
  LiveBoard board_{clock_};
  ListedWorker listed_;
};

TEST_F(WorkerViewTest, UnheardWorkerIsLostSinceItRegistered) {
  EXPECT_EQ(View().state(), v1::Worker::STATE_LOST);
  EXPECT_EQ(View().last_sync_time().seconds(), 5);
}

TEST_F(WorkerViewTest, StateFollowsWhatItHoldsAndSays) {
  board_.Heard(listed_.worker, false);
  EXPECT_EQ(View().state(), v1::Worker::STATE_IDLE);
  listed_.sweep = "jobs/a/sweeps/1";
  EXPECT_EQ(View().state(), v1::Worker::STATE_BUSY);
  board_.Heard(listed_.worker, true);
  EXPECT_EQ(View().state(), v1::Worker::STATE_DRAINING);
}

TEST_F(WorkerViewTest, DeviceThatOthersUseIsTold) {
  board_.Heard(listed_.worker, false, "1 other process on the device");
  EXPECT_EQ(View().not_ready(), "1 other process on the device");
  EXPECT_EQ(View().state(), v1::Worker::STATE_IDLE);
  board_.Heard(listed_.worker, false);
  EXPECT_EQ(View().not_ready(), "");
}

TEST_F(WorkerViewTest, AdministratorsDrainShowsAlsoWhereItIsLost) {
  listed_.worker.is_drained = true;
  EXPECT_EQ(View().state(), v1::Worker::STATE_LOST);
  EXPECT_TRUE(View().draining());
  board_.Heard(listed_.worker, false);
  EXPECT_EQ(View().state(), v1::Worker::STATE_DRAINING);
}

}  // namespace
}  // namespace cusp::server
