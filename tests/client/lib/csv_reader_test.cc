#include "client/lib/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cusp::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::vector<std::string>> ReadAll(std::string_view text) {
  CsvReader reader(text);
  std::vector<std::string_view> fields;
  std::vector<std::vector<std::string>> records;
  while (true) {
    const absl::StatusOr<bool> more = reader.Next(fields);
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more) {
      return records;
    }
    records.emplace_back(fields.begin(), fields.end());
  }
}

TEST(CsvReaderTest, ReadsFieldsAndEmptyOnes) {
  EXPECT_THAT(ReadAll("a,b\n1,\n,2"),
              ElementsAre(ElementsAre("a", "b"), ElementsAre("1", ""), ElementsAre("", "2")));
}

TEST(CsvReaderTest, TakesByteOrderMarkCarriageReturnsAndBlankLines) {
  EXPECT_THAT(ReadAll("\xEF\xBB\xBF"
                      "a , b\r\n\r\n1,\t2\r\n"),
              ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
}

TEST(CsvReaderTest, UnquotesFields) {
  EXPECT_THAT(ReadAll("\"a,b\",\"say \"\"hi\"\"\",\" x \"\n"),
              ElementsAre(ElementsAre("a,b", "say \"hi\"", " x ")));
}

TEST(CsvReaderTest, CountsLinesInsideQuotes) {
  CsvReader reader("h\n\"a\nb\"\nc\n");
  std::vector<std::string_view> fields;
  ASSERT_TRUE(*reader.Next(fields));
  ASSERT_TRUE(*reader.Next(fields));
  EXPECT_EQ(reader.line(), 2);
  ASSERT_TRUE(*reader.Next(fields));
  EXPECT_EQ(reader.line(), 4);
}

TEST(CsvReaderTest, EmptyTextHasNoRecords) {
  EXPECT_THAT(ReadAll(""), IsEmpty());
  EXPECT_THAT(ReadAll("\n\r\n"), IsEmpty());
}

TEST(CsvReaderTest, RefusesBrokenQuotes) {
  for (const char* text : {"\"open", "\"a\"b,c"}) {
    CsvReader reader(text);
    std::vector<std::string_view> fields;
    EXPECT_FALSE(reader.Next(fields).ok());
  }
}

}  // namespace
}  // namespace cusp::client
