#include "catalog/prediction.h"

#include <gtest/gtest.h>

namespace cusp::catalog {
namespace {

TEST(PredictionTest, EachTermIsTheTimeAtItsCeiling) {
  const Ceilings ceilings{.flops_per_second = 1e9, .bytes_per_second = 1e8, .launch_seconds = 1e-6};
  const CostTerms terms = TermsOf({.flops = 2e9, .bytes = 3e8, .products = 4}, ceilings);
  EXPECT_DOUBLE_EQ(terms[0], 2);
  EXPECT_DOUBLE_EQ(terms[1], 3);
  EXPECT_DOUBLE_EQ(terms[2], 4 * kOperatorsPerProduct * 1e-6);
}

TEST(PredictionTest, SecondsAreTheSumOfTermsTimesFactors) {
  EXPECT_DOUBLE_EQ(ExpectedSeconds({1, 2, 3}, {10, 100, 1000}), 3210);
}

}  // namespace
}  // namespace cusp::catalog
