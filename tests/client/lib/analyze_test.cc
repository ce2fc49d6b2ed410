#include "client/lib/analyze.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/analysis/simulation.h"

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<Analysis> AnalyzeCsv(const std::string& csv, const std::string& baseline = "a") {
  const absl::StatusOr<CostTable> table = ParseCostCsv(csv, "f.csv");
  EXPECT_TRUE(table.ok()) << table.status();
  return table.ok() ? Analyze(*table, "f.csv", baseline) : table.status();
}

v1::Comparison Only(const std::string& csv) {
  const absl::StatusOr<Analysis> analysis = AnalyzeCsv(csv);
  EXPECT_TRUE(analysis.ok()) << analysis.status();
  EXPECT_TRUE(analysis.ok() && analysis->comparisons.size() == 1);
  return analysis.ok() ? analysis->comparisons[0].comparison : v1::Comparison();
}

const std::string kHead = "variant,length,value\n";

TEST(AnalyzeTest, OneValuePerLengthIsExact) {
  const v1::Comparison comparison =
      Only(kHead + "a,100,1\na,400,4\na,1600,16\nb,100,2\nb,400,2\nb,1600,2\n");
  EXPECT_EQ(comparison.verdict(), v1::VERDICT_CROSSES);
  ASSERT_EQ(comparison.crossings_size(), 1);
  EXPECT_EQ(comparison.crossings(0).low(), 100);
  EXPECT_EQ(comparison.crossings(0).high(), 400);
  EXPECT_NEAR(comparison.crossings(0).length(), 200, 1e-9);
  EXPECT_TRUE(comparison.has_persistent());
}

TEST(AnalyzeTest, OneValuePerLengthIsASampleWhereTheFileSaysSo) {
  EXPECT_EQ(Only("variant,length,value,exact\na,100,1,no\na,400,4,no\nb,100,2,no\nb,400,2,no\n")
                .verdict(),
            v1::VERDICT_UNDECIDED);
}

TEST(AnalyzeTest, WhatIsBelowTheFilesResolutionIsEqual) {
  const std::string rows = "a,100,50,yes,3\na,400,60,yes,3\nb,100,52,yes,3\nb,400,58,yes,3\n";
  const v1::Comparison equal = Only("variant,length,value,exact,resolution\n" + rows);
  EXPECT_EQ(equal.verdict(), v1::VERDICT_NEVER);
  EXPECT_EQ(equal.equal_lengths_size(), 2);
  EXPECT_EQ(Only("variant,length,value,exact,other\n" + rows).verdict(), v1::VERDICT_CROSSES);
  // Of another tool, such as the side of an image.
  EXPECT_EQ(Only("variant,length,value,other,resolution\n" + rows).verdict(), v1::VERDICT_CROSSES);
}

TEST(AnalyzeTest, EqualEndsWithoutAChangeOfOrderAreTold) {
  const v1::Comparison comparison = Only(
      "variant,length,value,exact,resolution\na,1,50,yes,3\na,4,60,yes,3\nb,1,50,yes,3\nb,4,40,yes,"
      "3\n");
  EXPECT_EQ(comparison.verdict(), v1::VERDICT_UNDECIDED);
  EXPECT_THAT(comparison.note(),
              ::testing::HasSubstr("equal at 1 length, and no change of order elsewhere"));
}

TEST(AnalyzeTest, CoarseLatticesAreWarnedOf) {
  const auto warnings = [](int64_t step) {
    std::string text = "variant,length,value,block\n";
    for (int64_t i = 1; i <= 8; ++i) {
      for (int block = 1; block <= 8; ++block) {
        const std::string tail = "," + std::to_string(block) + "\n";
        const std::string length = std::to_string(step * i);
        text += "a," + length + "," + std::to_string(i * 100 + block) + tail;
        text += "b," + length + "," + std::to_string(450 + 2 * block) + tail;
      }
    }
    const absl::StatusOr<CostTable> table = ParseCostCsv(text, "f.csv");
    return Analyze(*table, "f.csv", "a")->warnings;
  };
  EXPECT_THAT(warnings(64),
              ::testing::ElementsAre(::testing::HasSubstr("all lengths are multiples of 64")));
  EXPECT_THAT(warnings(17), ::testing::IsEmpty());
}

TEST(AnalyzeTest, OfThroughputMoreIsBetter) {
  const std::string rows = "a,1,10,throughput\nb,1,5,throughput\na,2,10,throughput\n";
  EXPECT_EQ(Only("variant,length,value,metric\n" + rows + "b,2,9,throughput\n").verdict(),
            v1::VERDICT_NEVER);
  EXPECT_EQ(Only("variant,length,value,metric\n" + rows + "b,2,20,throughput\n").verdict(),
            v1::VERDICT_CROSSES);
}

TEST(AnalyzeTest, LengthsCountWhereBothHaveRows) {
  const v1::Comparison comparison = Only(kHead + "a,1,2\na,2,2\na,4,2\nb,2,1\nb,4,1\nb,8,9\n");
  EXPECT_EQ(comparison.range_min(), 2);
  EXPECT_EQ(comparison.range_max(), 4);
  EXPECT_EQ(comparison.verdict(), v1::VERDICT_ALWAYS);
}

TEST(AnalyzeTest, OutOfMemoryIsDearest) {
  const v1::Comparison comparison = Only(kHead + "a,1,1\na,2,oom\nb,1,2\nb,2,4\n");
  EXPECT_EQ(comparison.verdict(), v1::VERDICT_CROSSES);
  EXPECT_EQ(comparison.first().high(), 2);
}

TEST(AnalyzeTest, RatiosAreTakenInsideABlock) {
  // The machine slows down tenfold from block to block; inside each, b is 5 %
  // cheaper.
  std::string csv = "variant,length,value,block\n";
  for (int length : {64, 128, 256}) {
    double level = 1;
    for (int block = 1; block <= 10; ++block) {
      level *= 10;
      const std::string tail = "," + std::to_string(length * 1000 + block) + "\n";
      csv += "b," + std::to_string(length) + "," + std::to_string(0.95 * level) + tail;
      csv += "a," + std::to_string(length) + "," + std::to_string(level) + tail;
    }
  }
  EXPECT_EQ(Only(csv).verdict(), v1::VERDICT_ALWAYS);
}

TEST(AnalyzeTest, WithoutBlocksRowsPairInTheOrderOfTheFile) {
  std::string csv = kHead;
  for (int length : {64, 128}) {
    double level = 1;
    for (int row = 0; row < 10; ++row) {
      level *= 3;
      csv += "a," + std::to_string(length) + "," + std::to_string(level) + "\n";
      csv += "b," + std::to_string(length) + "," + std::to_string(1.1 * level) + "\n";
    }
  }
  EXPECT_EQ(Only(csv).verdict(), v1::VERDICT_NEVER);
}

TEST(AnalyzeTest, NoisyBlocksGiveAnInterval) {
  const auto data =
      analysis::SampleGrid({analysis::Curve(2e-3, 8e-5, 6e-8), analysis::Curve(6e-3, 1e-4, 0)},
                           {64, 128, 256, 512, 1024, 2048}, 12, {0.01, 0.05, 0.02, 0.3}, 1);
  std::string csv = "variant,length,value,block\n";
  for (const analysis::LengthData& at : data) {
    for (size_t block = 0; block < at.pairs.size(); ++block) {
      const std::string tail = "," + std::to_string(block) + "\n";
      csv +=
          "a," + std::to_string(at.length) + "," + std::to_string(at.pairs[block].baseline) + tail;
      csv +=
          "b," + std::to_string(at.length) + "," + std::to_string(at.pairs[block].candidate) + tail;
    }
  }
  const v1::Comparison comparison = Only(csv);
  EXPECT_EQ(comparison.verdict(), v1::VERDICT_CROSSES);
  EXPECT_NEAR(comparison.first().length(), 474, 30);
  EXPECT_EQ(comparison.blocks_used(), 72);
}

TEST(AnalyzeTest, EachMetricModeAndTypeIsAComparisonOfItsOwn) {
  const absl::StatusOr<Analysis> analysis = AnalyzeCsv(
      "variant,length,value,metric,mode\n"
      "a,1,1,latency,inference\nb,1,2,latency,inference\na,2,1,latency,inference\n"
      "b,2,2,latency,inference\na,1,2,swaps,training\nb,1,1,swaps,training\n"
      "a,2,2,swaps,training\nb,2,1,swaps,training\n");
  ASSERT_TRUE(analysis.ok());
  ASSERT_EQ(analysis->comparisons.size(), 2U);
  EXPECT_EQ(analysis->comparisons[0].comparison.verdict(), v1::VERDICT_NEVER);
  EXPECT_EQ(analysis->comparisons[1].comparison.verdict(), v1::VERDICT_ALWAYS);
  EXPECT_EQ(analysis->comparisons[1].group.metric, "swaps");
  EXPECT_EQ(analysis->comparisons[1].at_max.candidate, 1);
}

TEST(AnalyzeTest, UnknownBaselineGetsTheNearestName) {
  const absl::StatusOr<Analysis> analysis =
      AnalyzeCsv(kHead + "bert,1,1\nlongformer,1,2\nbert,2,1\nlongformer,2,2\n", "bart");
  ASSERT_FALSE(analysis.ok());
  EXPECT_THAT(
      std::string(analysis.status().message()),
      AllOf(HasSubstr("f.csv:2: no variant `bart`"), HasSubstr("`bert`"), HasSubstr("longformer")));
}

TEST(AnalyzeTest, OneLengthOnlyIsRefused) {
  const absl::StatusOr<Analysis> analysis = AnalyzeCsv(kHead + "a,64,1\nb,64,2\n");
  ASSERT_FALSE(analysis.ok());
  EXPECT_THAT(std::string(analysis.status().message()),
              AllOf(HasSubstr("f.csv:3: "), HasSubstr("one length only (64)")));
}

TEST(AnalyzeTest, BaselineAloneIsRefused) {
  const absl::StatusOr<Analysis> analysis = AnalyzeCsv(kHead + "a,1,1\na,2,2\n");
  ASSERT_FALSE(analysis.ok());
  EXPECT_THAT(std::string(analysis.status().message()),
              AllOf(HasSubstr("f.csv:2: "), HasSubstr("no other variant")));
}

TEST(AnalyzeTest, ErrorOfManyIncomparableVariantsStaysShort) {
  std::string csv = kHead + "a,1,1\n";
  for (int i = 0; i < 1000; ++i) {
    csv += "v" + std::to_string(i) + ",1,1\n";
  }
  const absl::StatusOr<Analysis> analysis = AnalyzeCsv(csv);
  ASSERT_FALSE(analysis.ok());
  EXPECT_LT(analysis.status().message().size(), 500U);
  EXPECT_THAT(std::string(analysis.status().message()), HasSubstr("and 997 more like these"));
}

TEST(AnalyzeTest, VariantTwiceInABlockIsRefusedWithBothLines) {
  const absl::StatusOr<Analysis> analysis =
      AnalyzeCsv("variant,length,value,block\na,1,1,1\nb,1,2,1\na,1,1,1\nb,2,1,1\na,2,1,1\n");
  ASSERT_FALSE(analysis.ok());
  EXPECT_THAT(std::string(analysis.status().message()),
              AllOf(HasSubstr("f.csv:4"), HasSubstr("line 2")));
}

TEST(AnalyzeTest, CandidateWithoutCommonLengthsIsLeftOutWithAWarning) {
  const absl::StatusOr<Analysis> analysis =
      AnalyzeCsv(kHead + "a,1,1\na,2,1\nb,1,2\nb,2,2\nc,5,1\nc,6,1\n");
  ASSERT_TRUE(analysis.ok());
  EXPECT_EQ(analysis->comparisons.size(), 1U);
  EXPECT_THAT(analysis->warnings, ElementsAre(HasSubstr("`c`")));
}

TEST(AnalyzeTest, TooFewBlocksSayHowManyAreLacking) {
  const v1::Comparison comparison = Only(
      "variant,length,value,block\na,1,1,x\nb,1,1.02,x\na,1,1,y\nb,1,1.03,y\n"
      "a,2,1,x\nb,2,1.02,x\na,2,1,y\nb,2,1.03,y\n");
  EXPECT_EQ(comparison.verdict(), v1::VERDICT_UNDECIDED);
  EXPECT_THAT(comparison.note(), AllOf(HasSubstr("2 lengths with at most 2 blocks"),
                                       HasSubstr("takes 4 blocks a length")));
}

TEST(AnalyzeTest, AfterThousandsOfFitsTheIntervalIsTheBracketAndTheNoteSaysSo) {
  const std::vector<int64_t> lengths = {64, 128, 256, 512, 1024, 2048};
  std::string csv = "variant,length,value,block\n";
  const auto data = analysis::SampleGrid(
      {analysis::Curve(2e-3, 8e-5, 6e-8), analysis::Curve(6e-3, 1e-4, 0)}, lengths, 12, {0.01}, 1);
  for (const analysis::LengthData& at : data) {
    for (size_t block = 0; block < at.pairs.size(); ++block) {
      const std::string tail = "," + std::to_string(block) + "\n";
      const std::string length = "," + std::to_string(at.length) + ",";
      csv += "a" + length + std::to_string(at.pairs[block].baseline) + tail;
      const std::string value = std::to_string(at.pairs[block].candidate);
      for (int variant = 0; variant < 3500; ++variant) {
        csv += std::to_string(variant) + length + value + tail;
      }
    }
  }
  const absl::StatusOr<Analysis> analysis = AnalyzeCsv(csv);
  ASSERT_TRUE(analysis.ok());
  const v1::Comparison& first = analysis->comparisons.front().comparison;
  const v1::Comparison& last = analysis->comparisons.back().comparison;
  EXPECT_EQ(first.note(), "72 blocks");
  EXPECT_THAT(last.note(), HasSubstr("the interval is the bracket"));
  EXPECT_LT(last.crossings(0).low(), first.crossings(0).low());
  EXPECT_EQ(last.verdict(), first.verdict());
}

}  // namespace
}  // namespace cusp::client
