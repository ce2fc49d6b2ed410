#include "client/lib/sweep_model.h"

#include <gmock/gmock.h>

#include "tests/client/lib/predictable.h"

namespace cusp::client {
namespace {

using ::testing::ElementsAre;

class SweepModelTest : public ::testing::Test {
 protected:
  const catalog::JobCosts costs_ = *catalog::JobCosts::Of(PredictableSpec());
  const SweepModel model_{
      .costs = costs_,
      .mode = v1::MODE_INFERENCE,
      .dtype = v1::DTYPE_FLOAT32,
      .ceilings = {.flops_per_second = 50e9, .bytes_per_second = 10e9, .launch_seconds = 1e-6}};
};

TEST_F(SweepModelTest, LongerInputsAndDearerFactorsTakeLonger) {
  EXPECT_GT(model_.Seconds(0, 2048, 1), 2 * model_.Seconds(0, 1024, 1));
  EXPECT_GT(model_.Seconds(0, 64, 8), 4 * model_.Seconds(0, 64, 1));
  SweepModel slower = model_;
  slower.factors = {10, 10, 10};
  EXPECT_GT(slower.Seconds(0, 64, 1), model_.Seconds(0, 64, 1));
}

TEST_F(SweepModelTest, OrderChangesWhereTheCostsCross) {
  v1::LengthSpec lengths = PredictableSpec().lengths();
  const ExpectedOrder order = OrderOf(model_, {0, 1}, 1, lengths);
  EXPECT_FALSE(order.cheaper_at_first);
  ASSERT_EQ(order.changes.size(), 1U);
  EXPECT_TRUE(order.changes[0].cheaper);
  const int64_t at = order.changes[0].length;
  EXPECT_EQ(at % 16, 0);
  EXPECT_GE(model_.Seconds(1, at - 16, 1), model_.Seconds(0, at - 16, 1));
  EXPECT_LT(model_.Seconds(1, at, 1), model_.Seconds(0, at, 1));
  // Turned round, it is the other one that becomes dearer.
  const ExpectedOrder turned = OrderOf(model_, {1, 0}, 1, lengths);
  EXPECT_TRUE(turned.cheaper_at_first);
  EXPECT_FALSE(turned.changes.at(0).cheaper);
  // Only lengths that the job measures are told.
  lengths.set_quantum(1024);
  EXPECT_EQ(OrderOf(model_, {0, 1}, 1, lengths).changes.at(0).length, 1024);
  lengths.add_list(64);
  lengths.add_list(3000);
  EXPECT_EQ(OrderOf(model_, {0, 1}, 1, lengths).changes.at(0).length, 3000);
}

TEST_F(SweepModelTest, SameVariantNeverChangesItsOrder) {
  EXPECT_TRUE(OrderOf(model_, {0, 0}, 1, PredictableSpec().lengths()).changes.empty());
}

TEST(LengthsOfTest, RangeIsCoveredInMultiplesOfItsStep) {
  v1::LengthSpec spec;
  spec.set_min(64);
  spec.set_max(2048);
  spec.set_quantum(64);
  const auto lengths = LengthsOf(spec, 6);
  EXPECT_THAT(lengths, ElementsAre(64, 128, 256, 512, 1024, 2048));
}

TEST(LengthsOfTest, ListIsTakenWhole) {
  v1::LengthSpec spec;
  for (const int64_t length : {300, 100, 200}) {
    spec.add_list(length);
  }
  EXPECT_THAT(LengthsOf(spec, 2), ElementsAre(100, 200, 300));
}

}  // namespace
}  // namespace cusp::client
