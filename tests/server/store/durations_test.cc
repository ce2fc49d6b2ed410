#include "server/store/durations.h"

#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using ::testing::Eq;
using ::testing::Optional;

class DurationsTest : public DatabaseTest {
 protected:
  void MeasureFor(int64_t time_us, AttemptEnd end) {
    const AttemptName name = LeaseTo("w");
    now_us_ += time_us;
    ASSERT_THAT(Finish(name, end), IsOk());
  }
};

TEST_F(DurationsTest, TypicalIsTheMedianOfThoseThatSucceeded) {
  Insert("abc", 5);
  for (const int64_t time_us : {70, 10, 20}) {
    MeasureFor(time_us, AttemptEnd::kSucceeded);
  }
  MeasureFor(5000, AttemptEnd::kFailed);
  EXPECT_THAT(TypicalSweepMicros(*db_, {"CPU"}), IsOkAndHolds(Optional(20)));
}

TEST_F(DurationsTest, OtherDevicesTellNothing) {
  Insert("abc");
  MeasureFor(70, AttemptEnd::kSucceeded);
  EXPECT_THAT(TypicalSweepMicros(*db_, {"NVIDIA H200"}), IsOkAndHolds(Eq(std::nullopt)));
}

TEST_F(DurationsTest, RunningSweepIsFoundByItsWorker) {
  const Job job = Insert("abc");
  LeaseTo("w");
  LeaseTo("idle");
  const auto running = RunningOn(*db_, (*FindWorker(*db_, "w"))->id);
  ASSERT_THAT(running, IsOk());
  ASSERT_TRUE(running->has_value());
  EXPECT_EQ((*running)->sweep_id, job.sweeps[0].id);
  EXPECT_EQ((*running)->start_time_us, now_us_);
  EXPECT_FALSE(RunningOn(*db_, (*FindWorker(*db_, "idle"))->id)->has_value());
}

}  // namespace
}  // namespace cusp::server
