#include "worker/measure/energy_counter.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace cusp::measure {
namespace {

// Uses three joules between any two readings.
class Steps final : public EnergyCounter {
 public:
  absl::StatusOr<double> ReadJoules() override {
    joules_ += 3;
    return joules_;
  }

 private:
  double joules_ = 0;
};

TEST(EnergyCounterTest, IdlePowerIsEnergyOverTheWindow) {
  Steps counter;
  EXPECT_THAT(counter.ReadIdleWatts(std::chrono::milliseconds(1)),
              IsOkAndHolds(::testing::DoubleNear(3000, 1e-6)));
}

}  // namespace
}  // namespace cusp::measure
