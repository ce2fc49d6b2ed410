#include "client/lib/cost_series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

CostTable Read(const std::string& csv) {
  const auto table = ParseCostCsv(csv, "f.csv");
  EXPECT_TRUE(table.ok()) << table.status();
  return table.ok() ? *table : CostTable();
}

TEST(CostSeriesTest, SeriesAreByGroupThenVariantWithLengthsAscending) {
  CostTable table =
      Read("variant,length,value,metric\nb,9,1,x\na,2,1,y\na,9,1,x\nb,1,1,x\na,1,1,y\nb,1,2,x\n");
  const auto series = SortIntoSeries(table, "f.csv");
  ASSERT_TRUE(series.ok());
  ASSERT_EQ(series->size(), 3U);
  EXPECT_EQ(table.variants[(*series)[0].variant], "b");
  ASSERT_EQ((*series)[0].cells.size(), 2U);
  EXPECT_EQ((*series)[0].cells[0].length, 1);
  EXPECT_EQ((*series)[0].cells[0].rows[0].line, 5);
  EXPECT_EQ((*series)[0].cells[0].rows[1].line, 7);
  EXPECT_EQ(table.groups[(*series)[2].group].metric, "y");
}

TEST(CostSeriesTest, VariantTwiceInABlockNamesBothLines) {
  CostTable table = Read("variant,length,value,block\na,1,1,x\na,2,1,x\na,1,3,x\n");
  EXPECT_THAT(std::string(SortIntoSeries(table, "f.csv").status().message()),
              AllOf(HasSubstr("f.csv:4: "), HasSubstr("on line 2")));
}

TEST(CostSeriesTest, JoinsTheCommonLengths) {
  CostTable table = Read("variant,length,value\na,1,1\na,2,1\na,4,1\nb,2,1\nb,3,1\nb,4,1\n");
  const auto series = SortIntoSeries(table, "f.csv");
  ASSERT_TRUE(series.ok());
  const auto joined = JoinByLength((*series)[0], (*series)[1]);
  ASSERT_EQ(joined.size(), 2U);
  EXPECT_EQ(joined[0].second->length, 2);
  EXPECT_EQ(joined[1].first->length, 4);
}

TEST(CostSeriesTest, PairsInsideBlocksOrInOrder) {
  CostTable table =
      Read("variant,length,value,block\na,1,10,x\na,1,20,y\na,1,30,z\nb,1,5,z\nb,1,oom,x\n");
  const auto series = SortIntoSeries(table, "f.csv");
  ASSERT_TRUE(series.ok());
  const CellPair cells(&(*series)[0].cells[0], &(*series)[1].cells[0]);
  const auto by_block = PairCosts(cells, true, false);
  ASSERT_EQ(by_block.size(), 2U);
  EXPECT_EQ(by_block[1].baseline, 30);
  EXPECT_EQ(by_block[1].candidate, 5);
  const auto in_order = PairCosts(cells, false, true);
  ASSERT_EQ(in_order.size(), 2U);
  EXPECT_EQ(in_order[1].baseline, 1.0 / 20);
  EXPECT_EQ(in_order[1].candidate, 1.0 / 5);
}

}  // namespace
}  // namespace cusp::client
