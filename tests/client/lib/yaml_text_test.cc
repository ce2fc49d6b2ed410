#include "client/lib/yaml_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

// "line:column: message" of the first fault, or what was cleaned.
std::string Clean(std::string_view text) {
  std::string clean;
  const auto fault = CleanYamlText(text, clean);
  return fault.has_value() ? std::to_string(fault->mark.line) + ":" +
                                 std::to_string(fault->mark.column) + ": " + fault->message
                           : clean;
}

TEST(YamlTextTest, GoodTextStaysAsItIs) {
  const std::string text = "name: Nyström\r\nlengths:\n  min: 1 # \t tab in a comment\n";
  EXPECT_EQ(Clean(text), text);
}

TEST(YamlTextTest, ByteOrderMarkIsDropped) {
  EXPECT_EQ(Clean("\xEF\xBB\xBF"
                  "a: 1"),
            "a: 1");
}

TEST(YamlTextTest, IndentingTabHasItsPlace) {
  EXPECT_THAT(Clean("a:\n  \tb: 1\n"), HasSubstr("2:3: a tab in the indentation"));
}

TEST(YamlTextTest, TabsOnBlankAndCommentLinesAreHarmless) {
  EXPECT_EQ(Clean("a: 1\n\t\n\t# x\nb: 2\t\n"), "a: 1\n\t\n\t# x\nb: 2\t\n");
}

TEST(YamlTextTest, TabsOfJsonBecomeSpaces) {
  EXPECT_EQ(Clean("{\n\t\"a\":\t1\n}"), "{\n \"a\": 1\n}");
}

TEST(YamlTextTest, ControlCharactersAreRefused) {
  EXPECT_THAT(Clean(std::string("a: \0", 4)), HasSubstr("1:4: a control character (0x00)"));
  EXPECT_THAT(Clean("\x7f"), HasSubstr("0x7f"));
}

TEST(YamlTextTest, WhatIsNoUtf8IsRefused) {
  for (const char* bad :
       {"\xff\xfe"
        "a",
        "caf\xe9", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\x80"}) {
    EXPECT_THAT(Clean(bad), HasSubstr("no UTF-8 text; save it as UTF-8"));
  }
  EXPECT_EQ(Clean("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80");
}

}  // namespace
}  // namespace cusp::client
