#include "common/check.h"

#include <gtest/gtest.h>

namespace cusp {
namespace {

TEST(CheckTest, TrueConditionIsEvaluatedOnce) {
  int calls = 0;
  CUSP_CHECK(++calls == 1);
  EXPECT_EQ(calls, 1);
}

TEST(CheckDeathTest, BrokenConditionAbortsAndNamesItself) {
  const int length = 3;
  EXPECT_DEATH(CUSP_CHECK(length == 4), "check_test.cc:[0-9]+: check failed: length == 4");
}

}  // namespace
}  // namespace cusp
