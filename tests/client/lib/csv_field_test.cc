#include "client/lib/csv_field.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>

#include "tests/support/status_matchers.h"

namespace cusp::client {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;

TEST(CsvFieldTest, NumbersAreAllOfTheText) {
  EXPECT_THAT(CsvNumber("1.5e3"), Optional(1500));
  EXPECT_THAT(CsvNumber("+2"), Optional(2));
  EXPECT_THAT(CsvNumber("-0.25"), Optional(-0.25));
  EXPECT_THAT(CsvNumber("1e999"), Optional(std::numeric_limits<double>::infinity()));
  for (const char* text : {"", "+", "1x", " 1", "1 ", "1,5", "0x10", "++1"}) {
    EXPECT_THAT(CsvNumber(text), Eq(std::nullopt)) << text;
  }
}

TEST(CsvFieldTest, CostsArePositiveOrOutOfMemory) {
  EXPECT_THAT(CsvCost("0.25"), IsOkAndHolds(0.25));
  EXPECT_THAT(CsvCost("OOM"), IsOkAndHolds(std::numeric_limits<double>::infinity()));
  for (const auto& [text, says] :
       {std::pair("", "empty"), std::pair("fast", "`fast` is not a number"),
        std::pair("1e999", "not a finite number"), std::pair("0", "not positive"),
        std::pair("-1", "not positive")}) {
    EXPECT_THAT(CsvCost(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(says)));
  }
}

TEST(CsvFieldTest, ShownFieldIsShortAndPrintable) {
  EXPECT_EQ(ShownField("12 ms"), "`12 ms`");
  EXPECT_EQ(ShownField(std::string("a\0b\n", 4)), "`a?b?`");
  EXPECT_EQ(ShownField(std::string(1000, 'x')), "`" + std::string(40, 'x') + "…`");
}

TEST(CsvFieldTest, LowerCaseChangesAsciiLettersAlone) {
  EXPECT_EQ(LowerCase("OoM Ä_9"), "oom Ä_9");
}

}  // namespace
}  // namespace cusp::client
