#include "server/api/live_board.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace cusp::server {
namespace {

Worker CpuWorker(const std::string& name) {
  Worker worker;
  worker.name = name;
  worker.device = "cpu";
  worker.device_class = "Fake CPU";
  return worker;
}

TEST(LiveBoardTest, WorkerIsAliveForTheTimeOfALease) {
  FakeClock clock;
  LiveBoard board(clock);
  EXPECT_FALSE(board.Find("w").has_value());
  board.Heard(CpuWorker("w"), true);
  EXPECT_TRUE(board.Find("w")->is_alive);
  EXPECT_TRUE(board.Find("w")->draining);
  clock.Advance(std::chrono::seconds(15));
  EXPECT_FALSE(board.Find("w")->is_alive);
}

TEST(LiveBoardTest, HearingAgainBringsAWorkerBackAsItIsNow) {
  FakeClock clock;
  LiveBoard board(clock);
  board.Heard(CpuWorker("w"), true);
  clock.Advance(std::chrono::seconds(20));
  Worker moved = CpuWorker("w");
  moved.device = "cuda:0";
  board.Heard(moved, false);
  EXPECT_TRUE(board.Find("w")->is_alive);
  EXPECT_FALSE(board.Find("w")->draining);
  EXPECT_EQ(board.Find("w")->wall_us, clock.WallMicros());
  EXPECT_EQ(board.CountFor("cuda").serving, 1);
  EXPECT_EQ(board.CountFor("cpu").serving, 0);
}

TEST(LiveBoardTest, JumpOfTheDateLosesNobody) {
  FakeClock clock;
  LiveBoard board(clock);
  board.Heard(CpuWorker("w"), false);
  clock.SetWallMicros(clock.WallMicros() + int64_t{86'400'000'000});
  EXPECT_TRUE(board.Find("w")->is_alive);
}

TEST(LiveBoardTest, CountsWhoIsAliveAndServes) {
  FakeClock clock;
  LiveBoard board(clock);
  board.Heard(CpuWorker("old"), false);
  clock.Advance(std::chrono::seconds(15));
  board.Heard(CpuWorker("new"), false);
  EXPECT_EQ(board.CountFor("cpu").alive, 1);
  EXPECT_EQ(board.CountFor("cpu").serving, 1);
  EXPECT_EQ(board.CountFor("cuda").serving, 0);
}

TEST(LiveBoardTest, DrainedAndDrainingWorkersTakeNothing) {
  FakeClock clock;
  LiveBoard board(clock);
  board.Heard(CpuWorker("a"), true);
  Worker drained = CpuWorker("b");
  drained.drain_reason = "broken";
  board.Heard(drained, false);
  EXPECT_EQ(board.CountFor("cpu").serving, 2);
  EXPECT_EQ(board.CountFor("cpu").taking, 0);
  board.Heard(CpuWorker("c"), false);
  EXPECT_EQ(board.CountFor("cpu").taking, 1);
  ASSERT_EQ(board.TakersOf("cpu").size(), 1U);
  EXPECT_EQ(board.TakersOf("cpu")[0].name, "c");
  EXPECT_TRUE(board.TakersOf("cuda").empty());
}

TEST(LiveBoardTest, ProgressLastsUntilDropped) {
  FakeClock clock;
  LiveBoard board(clock);
  v1::SweepProgress progress;
  progress.set_blocks_done(3);
  board.SetProgress(7, progress);
  EXPECT_EQ(board.Progress(7)->blocks_done(), 3);
  board.DropProgress(7);
  EXPECT_FALSE(board.Progress(7).has_value());
}

}  // namespace
}  // namespace cusp::server
