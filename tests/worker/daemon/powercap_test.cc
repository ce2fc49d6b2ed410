#include "worker/daemon/powercap.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::worker {
namespace {

class PowercapTest : public ::testing::Test {
 protected:
  void Package(const std::string& name, const std::string& microjoules) {
    std::filesystem::create_directories(folder_.Join(name));
    folder_.Write(name + "/energy_uj", microjoules + "\n");
    folder_.Write(name + "/max_energy_range_uj", "1000000000\n");
  }

  TempDir folder_;
};

TEST_F(PowercapTest, SumsThePackagesAndNotTheirParts) {
  Package("intel-rapl:0", "5000000");
  Package("intel-rapl:1", "7000000");
  Package("intel-rapl:0:0", "1000000");
  const auto counter = PowercapCounter::Open(folder_.path());
  ASSERT_THAT(counter, IsOk());
  ASSERT_THAT((*counter)->ReadJoules(), IsOkAndHolds(0.0));
  Package("intel-rapl:0", "8000000");
  Package("intel-rapl:1", "7500000");
  Package("intel-rapl:0:0", "9000000");
  EXPECT_THAT((*counter)->ReadJoules(), IsOkAndHolds(3.5));
}

TEST_F(PowercapTest, CounterThatBeginsAgainGoesOn) {
  Package("intel-rapl:0", "999000000");
  const auto counter = PowercapCounter::Open(folder_.path());
  ASSERT_THAT(counter, IsOk());
  Package("intel-rapl:0", "2000000");
  EXPECT_THAT((*counter)->ReadJoules(), IsOkAndHolds(3.0));
}

TEST_F(PowercapTest, MachineWithoutPackagesHasNone) {
  EXPECT_THAT(PowercapCounter::Open(folder_.path()), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(PowercapCounter::Open(folder_.Join("absent")), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PowercapTest, NonsenseIsAnError) {
  Package("intel-rapl:0", "1");
  const auto counter = PowercapCounter::Open(folder_.path());
  ASSERT_THAT(counter, IsOk());
  Package("intel-rapl:0", "coffee");
  EXPECT_THAT((*counter)->ReadJoules(), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace cusp::worker
