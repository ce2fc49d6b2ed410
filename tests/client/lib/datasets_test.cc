#include "client/lib/datasets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/status_matchers.h"

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr auto kTokens = v1::LENGTH_UNIT_TOKENS;

TEST(DatasetsTest, EachHasItsOwnNameASourceAndOneKindOfStatistics) {
  std::set<std::string_view> names;
  for (const Dataset& dataset : Datasets()) {
    EXPECT_TRUE(names.insert(dataset.name).second) << dataset.name;
    EXPECT_FALSE(dataset.what.empty() || dataset.counted_in.empty() || dataset.source.empty())
        << dataset.name;
    const bool pair = dataset.high.length > 0 && (dataset.mean > 0) != (dataset.median > 0);
    EXPECT_EQ(int{dataset.fixed > 0} + int{!dataset.quantiles.empty()} + int{pair}, 1)
        << dataset.name;
  }
}

TEST(DatasetsTest, QuantilesAscendFromTheShortestToTheLongest) {
  for (const Dataset& dataset : Datasets()) {
    for (size_t i = 1; i < dataset.quantiles.size(); ++i) {
      EXPECT_LT(dataset.quantiles[i - 1].share, dataset.quantiles[i].share) << dataset.name;
      EXPECT_LT(dataset.quantiles[i - 1].length, dataset.quantiles[i].length) << dataset.name;
    }
    if (!dataset.quantiles.empty()) {
      EXPECT_EQ(dataset.quantiles.front().share, 0) << dataset.name;
      EXPECT_EQ(dataset.quantiles.back().share, 1) << dataset.name;
    }
  }
}

TEST(DatasetsTest, EveryUnitHasSome) {
  std::set<v1::LengthUnit> units;
  for (const Dataset& dataset : Datasets()) {
    units.insert(dataset.unit);
  }
  EXPECT_THAT(units, ::testing::UnorderedElementsAre(kTokens, v1::LENGTH_UNIT_SECONDS,
                                                     v1::LENGTH_UNIT_PIXELS));
}

TEST(DatasetsTest, IsFoundByName) {
  const auto found = FindDataset("imdb", kTokens);
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ((*found)->name, "imdb");
}

TEST(DatasetsTest, UnknownNameGetsTheNearest) {
  EXPECT_THAT(FindDataset("imbd", kTokens),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("no dataset `imbd`; did you mean `imdb`?"),
                             HasSubstr("--list-datasets"))));
  EXPECT_THAT(FindDataset("xyzzy-quux", kTokens),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("no dataset `xyzzy-quux`; `cusp recommend --list-datasets`")));
}

TEST(DatasetsTest, AnotherUnitIsRefused) {
  EXPECT_THAT(
      FindDataset("imdb", v1::LENGTH_UNIT_SECONDS),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("the lengths of imdb are in tokens, those of the job in seconds")));
}

}  // namespace
}  // namespace cusp::client
