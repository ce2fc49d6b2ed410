#include "server/store/sweeps.h"

#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;

using SweepsTest = DatabaseTest;

TEST_F(SweepsTest, SweepsOfAJobComeByNumber) {
  const Job other = Insert("a1", 1);
  const Job job = Insert("b1", 3);
  EXPECT_THAT(LoadSweeps(*db_, job.id),
              IsOkAndHolds(ElementsAre(Field(&Sweep::number, 1), Field(&Sweep::number, 2),
                                       Field(&Sweep::number, 3))));
  EXPECT_EQ(LoadSweepOf(*db_, job.id, 2)->dtype, 2);
  EXPECT_EQ(LoadSweepOf(*db_, other.id, 1)->id, other.sweeps[0].id);
  EXPECT_THAT(LoadSweepOf(*db_, other.id, 2),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no sweep 2")));
}

TEST_F(SweepsTest, SweepIsFoundByItsId) {
  const Job job = Insert("a1", 2);
  const auto sweep = LoadSweepById(*db_, job.sweeps[1].id);
  ASSERT_THAT(sweep, IsOk());
  EXPECT_EQ(sweep->job_id, job.id);
  EXPECT_EQ(sweep->number, 2);
  EXPECT_FALSE(sweep->failure.has_value());
  EXPECT_THAT(LoadSweepById(*db_, 99), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(SweepsTest, InsertedSweepWakesWorkersOfItsDevice) {
  Sweep sweep;
  sweep.job_id = Insert("a1").id;
  sweep.number = 7;
  sweep.mode = 1;
  sweep.dtype = 1;
  sweep.device = "cuda";
  Transaction tx = Tx();
  ASSERT_THAT(InsertSweep(tx, sweep), IsOk());
  EXPECT_EQ(LoadSweepById(*db_, sweep.id)->number, 7);
  EXPECT_THAT(changes_.queued_devices, ElementsAre("auto", "cuda"));
}

TEST_F(SweepsTest, BlockedSweepWakesNobody) {
  Sweep sweep;
  sweep.job_id = Insert("a1").id;
  sweep.number = 7;
  sweep.device = "cuda";
  sweep.blocked = kBlockedByHold;
  changes_ = {};
  Transaction tx = Tx();
  ASSERT_THAT(InsertSweep(tx, sweep), IsOk());
  EXPECT_TRUE(changes_.queued_devices.empty());
  EXPECT_EQ(LoadSweepById(*db_, sweep.id)->blocked, kBlockedByHold);
}

}  // namespace
}  // namespace cusp::server
