#include "worker/runner/ceiling.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "tests/support/status_matchers.h"

namespace cusp::runner {
namespace {

constexpr CeilingSizes kTiny{.first_side = 8,
                             .last_side = 32,
                             .longest_seconds = 10,
                             .copied_bytes = 1024,
                             .launches = 10,
                             .repeats = 2};

// Says that samples take so long, one after the other, then the last for ever.
class ScriptedTimer final : public Timer {
 public:
  explicit ScriptedTimer(std::vector<int64_t> durations) : durations_(std::move(durations)) {}

  void Begin(size_t /*marks*/) override {}
  void Mark() override {}
  std::vector<int64_t> Finish() override {
    return {durations_[std::min(samples_++, durations_.size() - 1)]};
  }

  size_t samples() const { return samples_; }

 private:
  std::vector<int64_t> durations_;
  size_t samples_ = 0;
};

TEST(CeilingTest, FastestProductOfAllSizesCounts) {
  // Two repeats of sides 8, 16 and 32, a copy, and ten operators.
  ScriptedTimer timer({100, 90, 50, 60, 1000, 2000, 400, 300, 70, 80});
  const auto ceiling = MeasureCeiling(c10::kCPU, timer, {"float32"}, kTiny);
  ASSERT_THAT(ceiling, IsOk());
  EXPECT_EQ(timer.samples(), 10U);
  ASSERT_EQ(ceiling->products_size(), 1);
  EXPECT_EQ(ceiling->products(0).dtype(), "float32");
  EXPECT_DOUBLE_EQ(ceiling->products(0).flops_per_second(), 2 * 16.0 * 16 * 16 / 50e-9);
  EXPECT_DOUBLE_EQ(ceiling->bytes_per_second(), 2 * 1024 / 300e-9);
  EXPECT_DOUBLE_EQ(ceiling->launch_seconds(), 7e-9);
}

TEST(CeilingTest, LargerMatricesAreNotTriedWhereTheyTakeTooLong) {
  CeilingSizes sizes = kTiny;
  sizes.longest_seconds = 1e-6;  // 8 times 100 ns, twice, is more
  ScriptedTimer timer({100});
  ASSERT_THAT(MeasureCeiling(c10::kCPU, timer, {"float32", "bfloat16"}, sizes), IsOk());
  EXPECT_EQ(timer.samples(), 8U);
}

TEST(CeilingTest, ClockThatDoesNotMoveGivesNoInfinity) {
  ScriptedTimer timer({0});
  const auto ceiling = MeasureCeiling(c10::kCPU, timer, {"float32"}, kTiny);
  ASSERT_THAT(ceiling, IsOk());
  EXPECT_LT(ceiling->products(0).flops_per_second(), 1e30);
}

TEST(CeilingTest, UnknownNumberTypeIsRefused) {
  ScriptedTimer timer({1});
  EXPECT_THAT(MeasureCeiling(c10::kCPU, timer, {"int3"}, kTiny),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace cusp::runner
