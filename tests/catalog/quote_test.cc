#include "catalog/quote.h"

#include <gtest/gtest.h>

#include <string>

namespace cusp::catalog {
namespace {

TEST(QuoteTest, PlainTextIsKept) { EXPECT_EQ(Quoted("bert"), "'bert'"); }

TEST(QuoteTest, WellFormedUtf8IsKept) { EXPECT_EQ(Quoted("Nyströmformer"), "'Nyströmformer'"); }

TEST(QuoteTest, ControlAndBrokenBytesAreReplaced) {
  EXPECT_EQ(Quoted("a\nb\x1b[2J\xff\xc3"),
            "'a?b?[2J?"
            "?'");
  EXPECT_EQ(Quoted("\xc2\x9b"),
            "'?"
            "?'");
}

TEST(QuoteTest, LongTextIsCut) {
  const std::string quoted = Quoted(std::string(1'000'000, 'x'));
  EXPECT_LT(quoted.size(), 80U);
  EXPECT_TRUE(quoted.ends_with("…'"));
}

}  // namespace
}  // namespace cusp::catalog
