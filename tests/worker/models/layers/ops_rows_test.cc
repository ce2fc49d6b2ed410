#include "worker/models/layers/ops_rows.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

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

}  // namespace
}  // namespace cusp::models
