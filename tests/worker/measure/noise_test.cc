#include "worker/measure/noise.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::measure {
namespace {

std::string Stat(uint64_t user, uint64_t steal) {
  return "cpu  " + std::to_string(user) + " 0 0 1000 0 0 0 " + std::to_string(steal) +
         " 0 0\ncpu0 1 2 3\n";
}

// Gate after a block in which those many ticks passed.
class NoiseGateTest : public ::testing::Test {
 protected:
  double Block(uint64_t user, uint64_t steal) {
    folder_.Write("stat", Stat(user_, steal_));
    gate_.Start();
    user_ += user;
    steal_ += steal;
    folder_.Write("stat", Stat(user_, steal_));
    return gate_.Finish();
  }

  TempDir folder_;
  NoiseGate gate_{folder_.Join("stat")};
  uint64_t user_ = 100;
  uint64_t steal_ = 0;
};

TEST_F(NoiseGateTest, QuietBlockIsKept) {
  EXPECT_DOUBLE_EQ(Block(100, 0), 0);
  EXPECT_FALSE(gate_.ShouldDiscard());
}

TEST_F(NoiseGateTest, RobbedBlockIsDiscarded) {
  EXPECT_DOUBLE_EQ(Block(50, 50), 0.5);
  EXPECT_TRUE(gate_.ShouldDiscard());
}

TEST_F(NoiseGateTest, FewTicksProveNothing) {
  EXPECT_DOUBLE_EQ(Block(1, 1), 0.5);
  EXPECT_FALSE(gate_.ShouldDiscard());
}

TEST_F(NoiseGateTest, AlwaysRobbedMachineStillMeasures) {
  int kept = 0;
  for (int i = 0; i < 100; ++i) {
    Block(50, 50);
    kept += gate_.ShouldDiscard() ? 0 : 1;
  }
  EXPECT_GE(kept, 75);
}

TEST_F(NoiseGateTest, MissingFileCountsAsQuiet) {
  NoiseGate gate(folder_.Join("none"));
  gate.Start();
  EXPECT_EQ(gate.Finish(), 0);
  EXPECT_FALSE(gate.ShouldDiscard());
}

TEST(ParseCpuTimesTest, OtherTextIsRefused) {
  EXPECT_THAT(ParseCpuTimes("cpu 1 2 3"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseCpuTimes("intr 1 2 3 4 5 6 7 8"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace cusp::measure
