#include "worker/models/layers/experts.h"

#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

at::Tensor Numbers(const std::vector<int64_t>& values) {
  at::Tensor numbers = ops::Empty({static_cast<int64_t>(values.size())}, at::kLong, at::kCPU);
  std::copy(values.begin(), values.end(), numbers.mutable_data_ptr<int64_t>());
  return numbers;
}

TEST(ExpertsTest, TheHighestScoresAreChosenAndGatedBySigmoids) {
  const at::Tensor scores = RandomNormal({4, 6}, 1, 1, at::kDouble);
  const ExpertChoice choice = ChooseExperts(scores, 2);
  ASSERT_EQ(choice.experts.sizes(), at::IntArrayRef({4, 2}));
  EXPECT_TRUE(choice.gates.equal(scores.gather(1, choice.experts).sigmoid()));
  EXPECT_TRUE(choice.gates.amin(1).equal(std::get<0>(scores.sigmoid().kthvalue(5, 1))));
}

TEST(ExpertsTest, RowsComeInTheOrderOfTheirExperts) {
  const at::Tensor choices =
      ops::Cat({Numbers({3, 0, 3, 1}).unsqueeze(0), Numbers({0, 0, 0, 0}).unsqueeze(0)}, 0);
  const std::vector<ExpertRows> sets = GroupByExpert(choices, 5);
  ASSERT_THAT(sets, SizeIs(2));
  EXPECT_TRUE(sets[0].order.equal(Numbers({1, 3, 0, 2})));
  EXPECT_THAT(sets[0].counts, ElementsAre(1, 1, 0, 2, 0));
  EXPECT_TRUE(sets[1].order.equal(Numbers({0, 1, 2, 3})));
  EXPECT_THAT(sets[1].counts, ElementsAre(4, 0, 0, 0, 0));
}

class ExpertProductsTest : public ::testing::Test {
 protected:
  // Row by row.
  at::Tensor SlowTo() const {
    std::vector<at::Tensor> rows;
    for (const auto& [source, expert] : kRows) {
      rows.push_back(x_.narrow(0, source, 1).matmul(weights_.select(0, expert)));
    }
    return ops::Cat(rows, 0);
  }

  // Source and expert of each row; expert 1 has none.
  static constexpr std::pair<int64_t, int64_t> kRows[] = {{2, 0}, {0, 2}, {2, 2}, {1, 2}, {2, 3}};
  const std::vector<int64_t> counts_ = {1, 0, 3, 1};
  const at::Tensor places_ = Numbers({2, 0, 2, 1, 2});
  const at::Tensor x_ = RandomNormal({3, 4}, 1, 1, at::kDouble);
  const at::Tensor weights_ = RandomNormal({4, 4, 5}, 2, 1, at::kDouble);
};

TEST_F(ExpertProductsTest, EachRowMeetsItsExpert) {
  const at::Tensor expected = SlowTo();
  EXPECT_LT(ScaledDifference(ToExperts(x_, places_, weights_, counts_), expected), 1e-12);
  const c10::InferenceMode guard;
  EXPECT_LT(ScaledDifference(ToExperts(x_, places_, weights_, counts_), expected), 1e-12);
}

TEST_F(ExpertProductsTest, RowsAreAddedUpWhereTheyBelong) {
  const at::Tensor rows = RandomNormal({5, 4}, 3, 1, at::kDouble);
  at::Tensor expected = ops::Full({3, 5}, 0, at::kDouble, at::kCPU);
  for (int64_t r = 0; r < 5; ++r) {
    const auto& [target, expert] = kRows[r];
    expected.select(0, target).add_(rows.select(0, r).matmul(weights_.select(0, expert)));
  }
  EXPECT_LT(ScaledDifference(FromExperts(rows, places_, 3, weights_, counts_), expected), 1e-12);
  const c10::InferenceMode guard;
  EXPECT_LT(ScaledDifference(FromExperts(rows, places_, 3, weights_, counts_), expected), 1e-12);
}

}  // namespace
}  // namespace cusp::models
