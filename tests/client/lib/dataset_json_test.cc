#include "client/lib/dataset_json.h"

#include <gtest/gtest.h>

#include "client/lib/dataset_lengths.h"
#include "tests/client/example_job.h"

namespace cusp::client {
namespace {

TEST(DatasetJsonTest, ListHasEachWithItsStatistics) {
  const auto json = DatasetsToJson();
  ASSERT_EQ(json["datasets"].size(), Datasets().size());
  for (const auto& dataset : json["datasets"]) {
    EXPECT_TRUE(dataset.contains("fixed") || dataset.contains("quantiles")) << dataset.dump();
    if (dataset["name"] == "imdb") {
      EXPECT_EQ(dataset["mean"], 300);
      EXPECT_EQ(dataset["quantiles"].dump(), R"([{"share":0.95,"length":705.0}])");
      EXPECT_FALSE(dataset.contains("median"));
    }
  }
}

TEST(DatasetJsonTest, SharesComeWithTheIntervalOfTheTippingPoint) {
  const v1::Comparison comparison = CrossingComparison();
  const auto shares = SharesBeyond(comparison, v1::LENGTH_UNIT_TOKENS);
  ASSERT_FALSE(shares.empty());
  for (const auto& entry : shares) {
    EXPECT_LE(entry["low"], entry["share_beyond"]) << entry.dump();
    EXPECT_LE(entry["share_beyond"], entry["high"]) << entry.dump();
    const auto dataset =
        FindDataset(entry["name"].get<std::string>(), v1::LENGTH_UNIT_TOKENS).value();
    EXPECT_EQ(entry["share_beyond"], ShareBeyond(*dataset, 1180));
    EXPECT_EQ(entry["low"], ShareBeyond(*dataset, 1240));
    EXPECT_EQ(entry["high"], ShareBeyond(*dataset, 1110));
  }
}

TEST(DatasetJsonTest, OnlyTheJobsUnitCounts) {
  for (const auto& entry : SharesBeyond(SpeechComparison(), v1::LENGTH_UNIT_SECONDS)) {
    EXPECT_TRUE(FindDataset(entry["name"].get<std::string>(), v1::LENGTH_UNIT_SECONDS).ok());
  }
  EXPECT_TRUE(SharesBeyond(CrossingComparison(), v1::LENGTH_UNIT_UNSPECIFIED).empty());
}

TEST(DatasetJsonTest, WithoutATippingPointThereAreNone) {
  EXPECT_TRUE(SharesBeyond(NeverComparison(), v1::LENGTH_UNIT_TOKENS).empty());
}

}  // namespace
}  // namespace cusp::client
