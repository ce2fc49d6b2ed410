#include "worker/models/layers/ops_rows.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

at::Tensor RandomRows(int64_t tokens, int64_t each, int64_t of) {
  return ops::Empty({tokens, each}, at::kLong, at::kCPU).random_(0, of, ops::CpuGenerator(2));
}

class OpsRowsTest : public ::testing::TestWithParam<at::ScalarType> {
 protected:
  // Of sums of seven products near 1.
  double Tolerance() const { return GetParam() == at::kBFloat16 ? 0.1 : 1e-5; }
};

TEST_P(OpsRowsTest, ProductsAreWithEachTokensOwnRows) {
  for (const int64_t tokens : {1, 5}) {
    const at::Tensor x = RandomNormal({tokens, 7}, 1, 1, GetParam());
    const at::Tensor weight = RandomNormal({11, 7}, 3, 1, GetParam());
    const at::Tensor rows = RandomRows(tokens, 3, 11);
    const at::Tensor expected = weight.to(at::kDouble)
                                    .index_select(0, rows.flatten())
                                    .view({tokens, 3, 7})
                                    .mul(x.to(at::kDouble).unsqueeze(1))
                                    .sum(-1);
    EXPECT_LT(ScaledDifference(ops::RowProducts(x, weight, rows), expected), Tolerance());
  }
}

TEST_P(OpsRowsTest, SumsAreOfEachTokensOwnRows) {
  for (const int64_t tokens : {1, 5}) {
    const at::Tensor scales = RandomNormal({tokens, 3}, 1, 1, GetParam());
    const at::Tensor weight = RandomNormal({11, 7}, 3, 1, GetParam());
    const at::Tensor rows = RandomRows(tokens, 3, 11);
    const at::Tensor expected = weight.to(at::kDouble)
                                    .index_select(0, rows.flatten())
                                    .view({tokens, 3, 7})
                                    .mul(scales.to(at::kDouble).unsqueeze(-1))
                                    .sum(1);
    EXPECT_LT(ScaledDifference(ops::SumRows(scales, weight, rows), expected), Tolerance());
  }
}

INSTANTIATE_TEST_SUITE_P(Types, OpsRowsTest,
                         ::testing::Values(at::kFloat, at::kDouble, at::kBFloat16),
                         [](const auto& test) { return toString(test.param); });

TEST(OpsRowsPlaceTest, ProductsAreWrittenWhereTheyBelong) {
  const at::Tensor a = RandomNormal({3, 4}, 1);
  const at::Tensor b = RandomNormal({4, 5}, 2);
  at::Tensor rows = ops::Full({7, 5}, 9, at::kFloat, at::kCPU);
  at::Tensor part = rows.narrow(0, 2, 3);
  ops::ProductInto(part, a, b);
  EXPECT_TRUE(rows.narrow(0, 2, 3).equal(a.mm(b)));
  EXPECT_TRUE(rows.narrow(0, 0, 2).eq(9).all().item<bool>());
  EXPECT_TRUE(rows.narrow(0, 5, 2).eq(9).all().item<bool>());
}

TEST(OpsRowsMemoryTest, ChosenRowsAreNotCopied) {
  const at::Tensor x = RandomNormal({4, 512}, 1);
  const at::Tensor weight = RandomNormal({64, 512}, 3);
  const at::Tensor rows = RandomRows(4, 32, 64);
  const int64_t copied = 4 * 32 * 512 * static_cast<int64_t>(sizeof(float));
  EXPECT_LT(AllocatedBytes([&] { ops::SumRows(ops::RowProducts(x, weight, rows), weight, rows); }),
            copied / 8);
}

}  // namespace
}  // namespace cusp::models
