#include "client/cli/dataset_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(DatasetTextTest, ListSaysWhatIsPublishedAndWhatIsMadeOfIt) {
  const std::string text = RenderDatasets();
  for (const Dataset& dataset : Datasets()) {
    EXPECT_THAT(
        text, AllOf(HasSubstr(std::string(dataset.name)), HasSubstr(std::string(dataset.source))));
  }
  EXPECT_THAT(text, AllOf(HasSubstr("mean 6,589, 95th percentile 17,126"),
                          HasSubstr("15 quantiles, median 5.8"), HasSubstr("all 224"),
                          HasSubstr("log-normal through median and 90th percentile")));
}

TEST(DatasetTextTest, ChosenOneIsNamedWithItsDerivation) {
  EXPECT_EQ(DatasetLine(*FindDataset("imdb", v1::LENGTH_UNIT_TOKENS).value()),
            "inputs of imdb, log-normal through mean and 95th percentile: mean 300, 95th "
            "percentile 705 (wordpieces of RoBERTa; Beltagy et al. 2020, arXiv:2004.05150, table "
            "6)\n");
}

}  // namespace
}  // namespace cusp::client
