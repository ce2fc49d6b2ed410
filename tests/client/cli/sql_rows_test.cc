#include "client/cli/sql_rows.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace cusp::client {
namespace {

// Columns job, n and x; the rows (k3f9, 12, NULL) and ("a,b", 0.5, bytes).
std::string Print(SqlForm form) {
  v1::RunQueryResponse first;
  for (const char* column : {"job", "n", "x"}) {
    first.add_columns(column);
  }
  v1::RunQueryResponse second;
  v1::SqlRow& a = *second.add_rows();
  a.add_values()->set_text("k3f9");
  a.add_values()->set_integer(12);
  a.add_values();
  v1::SqlRow& b = *second.add_rows();
  b.add_values()->set_text("a,b");
  b.add_values()->set_real(0.5);
  b.add_values()->set_blob(std::string("\x01\xff", 2));
  second.set_truncated(true);
  const auto rows = MakeSqlRows(form);
  std::string text = rows->Take(first);
  text += rows->Take(second);
  return text + rows->Finish();
}

TEST(SqlRowsTest, TableAlignsNumbersAndShowsNullAsADash) {
  EXPECT_EQ(Print(SqlForm::kTable),
            "job     n  x\n"
            "k3f9   12  -\n"
            "a,b   0.5  x01ff\n");
}

TEST(SqlRowsTest, CsvQuotesWhatNeedsIt) {
  EXPECT_EQ(Print(SqlForm::kCsv), "job,n,x\nk3f9,12,\n\"a,b\",0.5,x01ff\n");
}

TEST(SqlRowsTest, JsonKeepsTypes) {
  const auto json = nlohmann::json::parse(Print(SqlForm::kJson));
  EXPECT_EQ(json.dump(), R"({"columns":["job","n","x"],"rows":[["k3f9",12,null],)"
                         R"(["a,b",0.5,"x01ff"]],"truncated":true})");
}

TEST(SqlRowsTest, NoRowsAreStillValid) {
  v1::RunQueryResponse columns;
  columns.add_columns("job");
  const auto rows = MakeSqlRows(SqlForm::kJson);
  const std::string text = rows->Take(columns) + rows->Finish();
  EXPECT_EQ(nlohmann::json::parse(text)["rows"].size(), 0U);
}

TEST(SqlRowsTest, ControlCharactersCannotSteerTheTerminal) {
  v1::RunQueryResponse response;
  response.add_columns("x");
  response.add_rows()->add_values()->set_text("a\x1b[31m");
  const auto rows = MakeSqlRows(SqlForm::kTable);
  rows->Take(response);
  EXPECT_EQ(rows->Finish().find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace cusp::client
