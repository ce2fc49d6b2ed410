#include "catalog/seen_padding.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace cusp::catalog {
namespace {

v1::LengthSpec Range(int64_t quantum) {
  v1::LengthSpec lengths;
  lengths.set_min(50);
  lengths.set_max(1000);
  lengths.set_quantum(quantum);
  return lengths;
}

v1::LengthSpec List(std::initializer_list<int64_t> list) {
  v1::LengthSpec lengths;
  lengths.mutable_list()->Add(list.begin(), list.end());
  return lengths;
}

TEST(SeenPaddingTest, IsHiddenWhereTheJobsStepIsAMultipleOfIt) {
  EXPECT_EQ(SeenPadding(Range(64), 32), 1);
  EXPECT_EQ(SeenPadding(Range(64), 64), 1);
  EXPECT_EQ(SeenPadding(Range(64), 128), 128);
  EXPECT_EQ(SeenPadding(Range(64), 24), 24);
}

TEST(SeenPaddingTest, IsSeenWhereTheStepIsDerived) { EXPECT_EQ(SeenPadding(Range(0), 32), 32); }

TEST(SeenPaddingTest, IsHiddenWhereAllListedLengthsAreMultiplesOfIt) {
  EXPECT_EQ(SeenPadding(List({64, 128, 320}), 64), 1);
  EXPECT_EQ(SeenPadding(List({64, 100}), 64), 64);
}

TEST(SeenPaddingTest, NoPaddingStaysNone) {
  EXPECT_EQ(SeenPadding(Range(0), 1), 1);
  EXPECT_EQ(SeenPadding(List({7}), 1), 1);
}

}  // namespace
}  // namespace cusp::catalog
