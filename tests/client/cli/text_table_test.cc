#include "client/cli/text_table.h"

#include <gtest/gtest.h>

namespace cusp::client {
namespace {

TEST(TextTableTest, ColumnsAreAsWideAsTheirWidestCell) {
  TextTable table({{"name"}, {"n", TextTable::Align::kRight}, {"note"}});
  table.AddRow({"a", "1,000", "x"});
  table.AddRow({"longer", "2", ""});
  EXPECT_EQ(table.ToString(2),
            "  name        n  note\n"
            "  a       1,000  x\n"
            "  longer      2\n");
}

TEST(TextTableTest, WidthCountsCodePoints) {
  EXPECT_EQ(DisplayWidth("1–2 µs"), 6U);
  TextTable table({{"a"}, {"b"}});
  table.AddRow({"µ", "1"});
  EXPECT_EQ(table.ToString(), "a  b\nµ  1\n");
}

TEST(TextTableTest, LongTextIsShortenedAtWholeCharacters) {
  EXPECT_EQ(Shortened("abc", 3), "abc");
  EXPECT_EQ(Shortened("abcd", 3), "ab…");
  EXPECT_EQ(Shortened("µµµµ", 3), "µµ…");
  EXPECT_EQ(Shortened("abcd", 0), "");
}

TEST(TextTableTest, ControlCharactersCannotSteerTheTerminal) {
  EXPECT_EQ(Printable("a\x1b[2Jb\nc"), "a [2Jb c");
}

}  // namespace
}  // namespace cusp::client
