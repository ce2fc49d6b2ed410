#include "server/store/store_figures.h"

#include "tests/server/store/database_fixture.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

class StoreFiguresTest : public DatabaseTest {};

TEST_F(StoreFiguresTest, CountsJobsAndSweepsByState) {
  Insert("a", 2);
  Insert("b");
  LeaseTo("w");
  const auto figures = ReadQueueFigures(*db_);
  ASSERT_THAT(figures, IsOk());
  EXPECT_EQ(figures->jobs_by_state[static_cast<size_t>(JobState::kQueued)], 1);
  EXPECT_EQ(figures->jobs_by_state[static_cast<size_t>(JobState::kRunning)], 1);
  EXPECT_EQ(figures->sweeps_queued, 2);
  EXPECT_EQ(figures->sweeps_running, 1);
}

TEST_F(StoreFiguresTest, TouchingTwiceKeepsOneRow) {
  Transaction tx = Tx();
  EXPECT_THAT(TouchReadiness(tx), IsOk());
  tx.now_us = 2000;
  EXPECT_THAT(TouchReadiness(tx), IsOk());
  EXPECT_EQ(Count("readiness WHERE time_us = 2000"), 1);
  EXPECT_EQ(Count("readiness"), 1);
}

TEST_F(StoreFiguresTest, SoundDatabaseAndItsSchema) {
  EXPECT_THAT(QuickCheck(*db_), IsOkAndHolds("ok"));
  EXPECT_THAT(SchemaVersion(*db_), IsOkAndHolds(Migrations().back().version));
}

TEST_F(StoreFiguresTest, SizesOfFilesAndDisk) {
  const TempDir dir;
  const DiskFigures figures = ReadDiskFigures(dir.Write("cusp.db", "12345"));
  EXPECT_EQ(figures.database_bytes, 5);
  EXPECT_EQ(figures.wal_bytes, -1);
  EXPECT_GT(figures.free_bytes, 0);
  EXPECT_GE(figures.total_bytes, figures.free_bytes);
  EXPECT_EQ(ReadDiskFigures(dir.Join("nothing")).database_bytes, -1);
}

}  // namespace
}  // namespace cusp::server
