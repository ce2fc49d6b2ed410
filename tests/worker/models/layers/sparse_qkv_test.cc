#include "worker/models/layers/sparse_qkv.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <string>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

constexpr SparseQkvOptions kOptions = {.hidden_size = 12, .heads = 3, .modules = 4};

class SparseQkvTest : public ::testing::Test {
 protected:
  SparseQkvTest() {
    for (const auto& [name, tensor] : store_.tensors()) {
      tensor.detach().normal_(0, 1, ops::CpuGenerator(name.size()));
      tensors_[name] = tensor;
    }
  }

  // Tap by tap: token t - 2 + i and module s + j give to module s of token t.
  at::Tensor SlowConvolution(const at::Tensor& y, const std::string& name) const {
    const at::Tensor weight = tensors_.at("a." + name + ".weight");
    const int64_t reach = weight.size(3) / 2;
    const int64_t length = y.size(1);
    const at::Tensor in = y.view({y.size(0), length, 4, 3});
    at::Tensor out = tensors_.at("a." + name + ".bias").expand(in.sizes()).clone();
    for (int64_t t = 0; t < length; ++t) {
      for (int64_t s = 0; s < 4; ++s) {
        for (int64_t i = 0; i < 3; ++i) {
          for (int64_t j = -reach; j <= reach; ++j) {
            if (t - 2 + i < 0 || s + j < 0 || s + j > 3) {
              continue;
            }
            const at::Tensor tap = weight.select(2, i).select(2, j + reach);
            out.select(1, t).select(1, s).add_(
                in.select(1, t - 2 + i).select(1, s + j).matmul(tap.t()));
          }
        }
      }
    }
    return SplitHeads(out.view(y.sizes()), 3);
  }

  ParameterStore store_{{.dtype = at::kDouble}};
  SparseQkv qkv_{store_, "a", kOptions};
  std::map<std::string, at::Tensor> tensors_;
};

TEST_F(SparseQkvTest, EqualsItsDefinition) {
  for (const int64_t length : {1, 2, 9}) {
    const at::Tensor x = RandomNormal({2, length, 12}, 1, 1, at::kDouble);
    const at::Tensor y = ops::Linear(x,
                                     tensors_.at("a.multiplicative.weight")
                                         .mul(tensors_.at("a.multiplicative.gates").unsqueeze(1))
                                         .view({12, 12}),
                                     tensors_.at("a.multiplicative.bias"));
    const auto [q, k, v] = qkv_(x, {}, nullptr);
    EXPECT_LT(ScaledDifference(q, SlowConvolution(y, "query")), 1e-12) << length;
    EXPECT_LT(ScaledDifference(k, SlowConvolution(y, "key")), 1e-12) << length;
    EXPECT_LT(ScaledDifference(v, SlowConvolution(y, "value")), 1e-12) << length;
  }
}

TEST_F(SparseQkvTest, WhatCameBeforeIsKept) {
  const at::Tensor x = RandomNormal({2, 9, 12}, 1, 1, at::kDouble);
  const Projections whole = qkv_(x, {}, nullptr);
  at::Tensor before;
  int64_t at = 0;
  for (const int64_t piece : {1, 1, 4, 3}) {
    const Projections part = qkv_(x.narrow(1, at, piece), {}, &before);
    EXPECT_LT(ScaledDifference(part.q, whole.q.narrow(2, at, piece)), 1e-12) << at;
    EXPECT_LT(ScaledDifference(part.v, whole.v.narrow(2, at, piece)), 1e-12) << at;
    at += piece;
  }
}

// Nothing of a padded token reaches those after it.
TEST_F(SparseQkvTest, TokensLeftOutAreNotSeen) {
  at::Tensor x = RandomNormal({2, 9, 12}, 1, 1, at::kDouble);
  at::Tensor keep = ops::Full({2, 9}, 1, at::kBool, at::kCPU);
  keep.narrow(1, 0, 3).zero_();
  const Projections masked = qkv_(x, keep, nullptr);
  const Projections alone = qkv_(x.narrow(1, 3, 6), {}, nullptr);
  EXPECT_LT(ScaledDifference(masked.k.narrow(2, 3, 6), alone.k), 1e-12);
  EXPECT_LT(ScaledDifference(masked.v.narrow(2, 3, 6), alone.v), 1e-12);
}

}  // namespace
}  // namespace cusp::models
