#include "client/lib/text_numbers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace cusp::client {
namespace {

using ::testing::ElementsAre;

TEST(TextNumbersTest, NumbersFollowTheFirstAppearance) {
  const std::string_view file = "bert,longformer,bert,linformer";
  TextNumbers numbers(file);
  EXPECT_EQ(numbers.Id(file.substr(0, 4)), 0U);
  EXPECT_EQ(numbers.Id(file.substr(5, 10)), 1U);
  EXPECT_EQ(numbers.Id(file.substr(16, 4)), 0U);
  EXPECT_EQ(numbers.Id(file.substr(21)), 2U);
  EXPECT_THAT(numbers.Texts(), ElementsAre("bert", "longformer", "linformer"));
}

TEST(TextNumbersTest, TextFromElsewhereIsKept) {
  TextNumbers numbers("a file");
  {
    const std::string passing = "unquoted \"text\", longer than a small string";
    EXPECT_EQ(numbers.Id(passing), 0U);
  }
  EXPECT_EQ(numbers.Id("another"), 1U);
  EXPECT_EQ(numbers.Id("unquoted \"text\", longer than a small string"), 0U);
}

}  // namespace
}  // namespace cusp::client
