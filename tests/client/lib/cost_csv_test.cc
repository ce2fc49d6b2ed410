#include "client/lib/cost_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string FaultOf(const std::string& text) {
  const absl::StatusOr<CostTable> table = ParseCostCsv(text, "f.csv");
  return table.ok() ? "none" : std::string(table.status().message());
}

TEST(CostCsvTest, FillsDefaults) {
  const absl::StatusOr<CostTable> table =
      ParseCostCsv("variant,length,value\nbert,64,1.5e-3\nlong,64,OOM\n", "f.csv");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_THAT(table->variants, ElementsAre("bert", "long"));
  ASSERT_EQ(table->groups.size(), 1U);
  EXPECT_EQ(table->groups[0].metric, "latency");
  EXPECT_EQ(table->groups[0].mode, "inference");
  EXPECT_EQ(table->groups[0].dtype, "float32");
  ASSERT_EQ(table->rows.size(), 2U);
  EXPECT_EQ(table->rows[0].value, 1.5e-3);
  EXPECT_TRUE(std::isinf(table->rows[1].value));
  EXPECT_EQ(table->rows[1].line, 3);
  EXPECT_FALSE(table->has_blocks);
}

TEST(CostCsvTest, ColumnsComeInAnyOrderAndCaseWithOthersBetween) {
  const absl::StatusOr<CostTable> table = ParseCostCsv(
      "Value,device,BLOCK,length,mode,Variant\n2,H200,7,128,training,\"a,b\"\n", "f.csv");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_THAT(table->variants, ElementsAre("a,b"));
  EXPECT_EQ(table->groups[0].mode, "training");
  EXPECT_EQ(table->rows[0].length, 128);
  EXPECT_TRUE(table->has_blocks);
}

TEST(CostCsvTest, EmptyLabelsMeanTheDefaults) {
  const absl::StatusOr<CostTable> table =
      ParseCostCsv("variant,length,value,metric\na,1,1,\na,2,1,latency\n", "f.csv");
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->groups.size(), 1U);
}

TEST(CostCsvTest, ReadsWhatAJobsExportAdds) {
  const absl::StatusOr<CostTable> table = ParseCostCsv(
      "variant,length,value,padding_quantum,analysis_seed,exact,left_out\n"
      "a,1,1,,18446744073709551615,no,\n"
      "b,1,1,64,7,no,\n"
      "b,2,9,64,7,no,crashed\n",
      "f.csv");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->paddings.size(), 1U);
  EXPECT_EQ((table->paddings.at({0, 1}).quantum), 64);
  ASSERT_EQ(table->groups.size(), 1U);
  EXPECT_EQ(table->groups[0].seed, 18446744073709551615U);
  EXPECT_EQ(table->groups[0].exact, false);
  EXPECT_EQ(table->rows.size(), 2U);
}

TEST(CostCsvTest, PaddingMayDifferFromModeToMode) {
  const absl::StatusOr<CostTable> table = ParseCostCsv(
      "variant,length,value,mode,padding_quantum\na,1,1,inference,256\na,1,1,decode,1\n", "f.csv");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((table->paddings.at({0, 0}).quantum), 256);
  EXPECT_EQ((table->paddings.at({1, 0}).quantum), 1);
}

TEST(CostCsvTest, LengthsInSecondsAreSamples) {
  const absl::StatusOr<CostTable> table = ParseCostCsv(
      "variant,length,value,length_unit,padding_quantum,padding_slack\n"
      "a,0.5,1,seconds,0.02,0.0249375\n"
      "b,3.26,1,Seconds,,\n",
      "f.csv");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->unit, v1::LENGTH_UNIT_SECONDS);
  EXPECT_EQ(table->rows[0].length, 8000);
  EXPECT_EQ(table->rows[1].length, 52'160);
  EXPECT_EQ(table->paddings.size(), 1U);
  EXPECT_EQ((table->paddings.at({0, 0}).quantum), 320);
  EXPECT_EQ((table->paddings.at({0, 0}).slack), 399);
}

TEST(CostCsvTest, FaultsOfUnitsNameTheLine) {
  const std::string head = "variant,length,value,length_unit\n";
  EXPECT_THAT(FaultOf(head + "a,1,1,seconds\na,2,1,tokens\n"),
              AllOf(StartsWith("f.csv:3: column `length_unit`"), HasSubstr("line 2 has another")));
  EXPECT_THAT(FaultOf(head + "a,0,1,seconds\n"), HasSubstr("seconds from 0.0000625 on"));
  EXPECT_THAT(FaultOf(head + "a,1.5,1,tokens\n"), HasSubstr("not a whole number from 1 on"));
  EXPECT_THAT(FaultOf(head + "a,1.5,1,furlongs\n"), HasSubstr("not a whole number from 1 on"));
}

TEST(CostCsvTest, FaultsOfTheExportsColumnsNameTheLine) {
  const std::string head = "variant,length,value,padding_quantum,analysis_seed,exact,left_out\n";
  EXPECT_THAT(FaultOf(head + "a,1,1,64,1,no,\na,2,1,32,1,no,\n"),
              AllOf(StartsWith("f.csv:3: column `padding_quantum`"), HasSubstr("line 2 says 64")));
  EXPECT_THAT(FaultOf(head + "a,1,1,0,1,no,\n"), HasSubstr("not a whole number from 1 on"));
  EXPECT_THAT(FaultOf(head + "a,1,1,1,-1,no,\n"), HasSubstr("column `analysis_seed`"));
  EXPECT_THAT(FaultOf(head + "a,1,1,1,1,no,x\n"), HasSubstr("every row is marked in `left_out`"));
}

TEST(CostCsvTest, AnotherToolsColumnExactIsIgnored) {
  const absl::StatusOr<CostTable> table =
      ParseCostCsv("variant,length,value,exact\na,1,1,0.97\n", "f.csv");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_FALSE(table->groups[0].exact.has_value());
}

TEST(CostCsvTest, EmptyFilesAreRefused) {
  EXPECT_THAT(FaultOf(""), StartsWith("f.csv:1: the file is empty"));
  EXPECT_THAT(FaultOf("variant,length,value\n"),
              AllOf(StartsWith("f.csv:"), HasSubstr("no rows; add one")));
}

TEST(CostCsvTest, UnquotedNamesOutliveTheirLine) {
  const absl::StatusOr<CostTable> table = ParseCostCsv(
      "variant,length,value\n\"a \"\"1\"\"\",1,1\n\"a \"\"2\"\"\",1,1\n\"a \"\"1\"\"\",2,1\n",
      "f.csv");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_THAT(table->variants, ElementsAre("a \"1\"", "a \"2\""));
  EXPECT_EQ(table->rows[2].variant, 0U);
}

TEST(CostCsvTest, MissingColumnIsNamed) {
  EXPECT_THAT(FaultOf("variant,length\na,1\n"),
              AllOf(StartsWith("f.csv:1: no column `value`"), HasSubstr("variant,length,value")));
  EXPECT_THAT(FaultOf("variant;length;value\na;1;2\n"), HasSubstr("separated by commas"));
  EXPECT_THAT(FaultOf("variant,length,value,value\n"), HasSubstr("`value` appears twice"));
}

TEST(CostCsvTest, BadNumbersAreNamedWithLineAndColumn) {
  const std::string start = "variant,length,value\nbert,64,1\n";
  EXPECT_THAT(
      FaultOf(start + "bert,128,fast\n"),
      AllOf(StartsWith("f.csv:3: column `value`: `fast` is not a number"), HasSubstr("oom")));
  EXPECT_THAT(FaultOf(start + "bert,128,0\n"), HasSubstr("`0` is not positive"));
  EXPECT_THAT(FaultOf(start + "bert,128,-2\n"), HasSubstr("`-2` is not positive"));
  EXPECT_THAT(FaultOf(start + "bert,128,NaN\n"), HasSubstr("`NaN` is not a finite number"));
  EXPECT_THAT(FaultOf(start + "bert,128,inf\n"), HasSubstr("`inf` is not a finite number"));
  EXPECT_THAT(FaultOf(start + "bert,128,1e999\n"), HasSubstr("not a finite number"));
  EXPECT_THAT(FaultOf(start + "bert,128,\n"), HasSubstr("column `value`: empty"));
  EXPECT_THAT(FaultOf(start + "bert,128,1.5ms\n"), HasSubstr("`1.5ms` is not a number"));
}

TEST(CostCsvTest, BadLengthsAreNamed) {
  const std::string start = "variant,length,value\n";
  EXPECT_THAT(FaultOf(start + "bert,0,1\n"), HasSubstr("column `length`: `0` is not a whole"));
  EXPECT_THAT(FaultOf(start + "bert,1.5,1\n"), HasSubstr("whole number from 1"));
  EXPECT_THAT(FaultOf(start + "bert,long,1\n"), HasSubstr("`long` is not a number"));
  EXPECT_THAT(FaultOf(start + "bert,nan,1\n"), HasSubstr("whole number"));
  EXPECT_EQ(FaultOf(start + "bert,64.0,1\n"), "none");
}

TEST(CostCsvTest, WrongNumberOfFieldsIsNamed) {
  EXPECT_THAT(FaultOf("variant,length,value\nbert,64,1,5\n"),
              StartsWith("f.csv:2: the line has 4 fields, the header 3"));
}

TEST(CostCsvTest, EmptyVariantAndBlockAreRefused) {
  EXPECT_THAT(FaultOf("variant,length,value\n,64,1\n"), HasSubstr("column `variant`: empty"));
  EXPECT_THAT(FaultOf("variant,length,value,block\na,64,1,\n"), HasSubstr("column `block`"));
}

TEST(CostCsvTest, LongAndBinaryFieldsAreShownShort) {
  const std::string fault =
      FaultOf("variant,length,value\nbert,64," + std::string(10000, 'x') + "\n");
  EXPECT_LT(fault.size(), 200U);
  EXPECT_THAT(FaultOf(std::string("variant,length,value\nbert,64,\x1b[2J\n")), HasSubstr("`?[2J`"));
}

}  // namespace
}  // namespace cusp::client
