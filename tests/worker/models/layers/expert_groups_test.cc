#include "worker/models/layers/expert_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kExperts = 5;

at::Tensor Chosen(const std::vector<int64_t>& experts) {
  at::Tensor chosen = ops::Empty({static_cast<int64_t>(experts.size())}, at::kLong, at::kCPU);
  for (size_t i = 0; i < experts.size(); ++i) {
    chosen.select(0, static_cast<int64_t>(i)).fill_(experts[i]);
  }
  return chosen;
}

// Expert i takes the first two features times i + 1.
at::Tensor Scaled(int64_t expert, const at::Tensor& rows) {
  return rows.narrow(1, 0, 2).mul(expert + 1);
}

TEST(ExpertGroupsTest, EveryTokenGoesToItsExpert) {
  const std::vector<int64_t> experts = {4, 0, 2, 2, 0, 4, 4, 2, 0, 0};
  const at::Tensor x = RandomNormal({10, 3}, 1);
  const at::Tensor y = ExpertGroups(Chosen(experts), kExperts)(x, Scaled);
  const at::Tensor scale = Chosen(experts).add(1).unsqueeze(1);
  EXPECT_TRUE(y.equal(x.narrow(1, 0, 2).mul(scale)));
}

TEST(ExpertGroupsTest, ExpertsWithTokensAreAskedOnceEach) {
  std::vector<int64_t> asked;
  std::vector<int64_t> rows;
  ExpertGroups(Chosen({3, 1, 3, 3, 1}), kExperts)(RandomNormal({5, 2}, 1),
                                                  [&](int64_t expert, const at::Tensor& mine) {
                                                    asked.push_back(expert);
                                                    rows.push_back(mine.size(0));
                                                    return mine;
                                                  });
  EXPECT_THAT(asked, ElementsAre(1, 3));
  EXPECT_THAT(rows, ElementsAre(2, 3));
}

TEST(ExpertGroupsTest, OneExpertTakesAllTokensWhereTheyAre) {
  const at::Tensor x = RandomNormal({4, 2}, 1);
  const at::Tensor y =
      ExpertGroups(Chosen({2, 2, 2, 2}), kExperts)(x, [&](int64_t expert, const at::Tensor& mine) {
        EXPECT_EQ(expert, 2);
        EXPECT_TRUE(mine.is_same(x));
        return mine;
      });
  EXPECT_TRUE(y.equal(x));
}

TEST(ExpertGroupsTest, GradientsReachEveryToken) {
  const at::Tensor x = RandomNormal({6, 2}, 1, 1, at::kDouble).requires_grad_(true);
  const at::Tensor chosen = Chosen({1, 0, 4, 1, 0, 1});
  const at::Tensor weight = RandomNormal({6, 2}, 2, 1, at::kDouble);
  ExpertGroups(chosen, kExperts)(x, Scaled).mul(weight).sum().backward();
  EXPECT_LT(ScaledDifference(x.grad(), weight.mul(chosen.add(1).unsqueeze(1))), 1e-12);
}

}  // namespace
}  // namespace cusp::models
