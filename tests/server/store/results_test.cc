#include "server/store/results.h"

#include "server/store/sweeps.h"
#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ResultsTest : public DatabaseTest {
 protected:
  ResultsTest() : sweep_(Insert("abc").sweeps[0]) {
    Comparison comparison;
    comparison.baseline = "a";
    comparison.candidate = "b";
    comparison.metric = 1;
    comparison.verdict = 1;
    comparison.crossings = {{100, 90, 110, 1}, {300, 290, 310, 2}};
    comparison.first = comparison.crossings[0];
    comparison.undecided_lengths = {100};
    comparison.equal_lengths = {96, 104};
    result_.comparisons.push_back(comparison);
    result_.costs = {{"a", 1, 1, 64, 0.5, 0.4, 0.6, 9, 1, ""}, {"b", 1, 1, 64, 0, 0, 0, 1, 2, "x"}};
  }

  Sweep sweep_;
  SweepResult result_;
};

TEST_F(ResultsTest, DeletedResultIsGoneAndMayBeStoredAgain) {
  Transaction tx = Tx();
  result_.self_check = SelfCheck{.variant = "a",
                                 .length = 64,
                                 .batch_size = 1,
                                 .blocks = 8,
                                 .median_ratio = 1,
                                 .low = 1,
                                 .high = 1,
                                 .differs = false};
  ASSERT_THAT(StoreResult(tx, sweep_, result_), IsOk());
  ASSERT_THAT(DeleteResult(tx, sweep_.id), IsOk());
  for (const char* table :
       {"comparisons", "crossings", "comparison_lengths", "costs", "self_checks"}) {
    EXPECT_EQ(Count(table), 0) << table;
  }
  EXPECT_THAT(StoreResult(tx, sweep_, result_), IsOk());
}

TEST_F(ResultsTest, ResultComesBackWhole) {
  Transaction tx = Tx();
  result_.device_speed = "speed";
  ASSERT_THAT(StoreResult(tx, sweep_, result_), IsOk());
  EXPECT_EQ(LoadSweepById(*db_, sweep_.id)->device_speed, "speed");
  const auto loaded = LoadResult(*db_, sweep_);
  ASSERT_THAT(loaded, IsOk());
  const Comparison& comparison = loaded->comparisons.at(0);
  EXPECT_EQ(comparison.candidate, "b");
  ASSERT_EQ(comparison.crossings.size(), 2U);
  EXPECT_EQ(comparison.crossings[1].length, 300);
  EXPECT_EQ(comparison.first->high, 110);
  EXPECT_FALSE(comparison.persistent.has_value());
  EXPECT_THAT(comparison.undecided_lengths, ElementsAre(100));
  EXPECT_THAT(comparison.equal_lengths, ElementsAre(96, 104));
  ASSERT_EQ(loaded->costs.size(), 2U);
  EXPECT_EQ(loaded->costs[0].median, 0.5);
  EXPECT_EQ(loaded->costs[1].failure_message, "x");
  EXPECT_FALSE(loaded->self_check.has_value());
}

TEST_F(ResultsTest, SelfCheckComesBackWhole) {
  Transaction tx = Tx();
  result_.self_check = SelfCheck{.variant = "a",
                                 .length = 128,
                                 .batch_size = 2,
                                 .blocks = 8,
                                 .median_ratio = 1.01,
                                 .low = 0.99,
                                 .high = 1.02,
                                 .differs = true};
  ASSERT_THAT(StoreResult(tx, sweep_, result_), IsOk());
  const auto loaded = LoadResult(*db_, sweep_);
  ASSERT_THAT(loaded, IsOk());
  ASSERT_TRUE(loaded->self_check.has_value());
  EXPECT_EQ(loaded->self_check->variant, "a");
  EXPECT_EQ(loaded->self_check->length, 128);
  EXPECT_EQ(loaded->self_check->blocks, 8);
  EXPECT_EQ(loaded->self_check->high, 1.02);
  EXPECT_TRUE(loaded->self_check->differs);
}

TEST_F(ResultsTest, RepeatedAndUnknownPartsAreRefused) {
  Transaction tx = Tx();
  SweepResult twice = result_;
  twice.costs.push_back(twice.costs[0]);
  EXPECT_THAT(StoreResult(tx, sweep_, twice),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("twice")));
  result_.comparisons[0].baseline = "c";
  EXPECT_THAT(StoreResult(tx, sweep_, result_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"c\"")));
}

}  // namespace
}  // namespace cusp::server
