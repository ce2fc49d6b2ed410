#include "worker/models/layers/attention_core.h"

#include <ATen/Context.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

absl::Status Check(const std::string& name) {
  return CheckAttentionBackend(*AttentionBackendByName(name), 2, 8, at::kFloat, at::kCPU, false);
}

// By the formula, one query at a time.
at::Tensor Naive(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                 const at::Tensor& additive) {
  at::Tensor scores = q.matmul(k.transpose(2, 3)).div(std::sqrt(static_cast<double>(q.size(3))));
  if (additive.defined()) {
    scores = scores.add(additive);
  }
  const at::Tensor e = scores.sub(scores.amax(-1, true)).exp();
  return MergeHeads(e.div(e.sum(-1, true)).matmul(v));
}

TEST(AttentionCoreTest, EveryBackendOfTheCpuFollowsTheFormula) {
  const at::Tensor q = RandomNormal({2, 3, 11, 8}, 1);
  const at::Tensor k = RandomNormal({2, 3, 13, 8}, 2);
  const at::Tensor v = RandomNormal({2, 3, 13, 8}, 3);
  at::Tensor additive = ops::Full({2, 1, 1, 13}, 0, at::kFloat, at::kCPU);
  additive.select(0, 1).narrow(-1, 9, 4).fill_(MaskValue(at::kFloat));
  for (const char* name : {"eager", "sdpa", "math", "flash"}) {
    AttentionCore core(*AttentionBackendByName(name), 0);
    EXPECT_LT(ScaledDifference(core(q, k, v, {}), Naive(q, k, v, {})), 1e-5) << name;
    EXPECT_LT(ScaledDifference(core(q, k, v, additive), Naive(q, k, v, additive)), 1e-5) << name;
  }
}

TEST(AttentionCoreTest, CausalQueriesSeeNothingLater) {
  const at::Tensor k = RandomNormal({2, 3, 13, 8}, 2);
  const at::Tensor v = RandomNormal({2, 3, 13, 8}, 3);
  for (const int64_t queries : {13, 5, 1}) {
    const at::Tensor q = RandomNormal({2, 3, queries, 8}, 1);
    at::Tensor later = ops::Full({1, 1, queries, 13}, 0, at::kFloat, at::kCPU);
    for (int64_t i = 0; i < queries; ++i) {
      const int64_t seen = 13 - queries + i + 1;
      later.select(2, i).narrow(-1, seen, 13 - seen).fill_(MaskValue(at::kFloat));
    }
    at::Tensor padding = ops::Full({2, 1, 1, 13}, 0, at::kFloat, at::kCPU);
    padding.narrow(-1, 2, 3).fill_(MaskValue(at::kFloat));
    for (const char* name : {"eager", "sdpa", "math", "flash"}) {
      AttentionCore core(*AttentionBackendByName(name), 0);
      EXPECT_LT(ScaledDifference(core(q, k, v, {}, true), Naive(q, k, v, later)), 1e-5)
          << name << " " << queries;
      EXPECT_LT(ScaledDifference(core(q, k, v, padding, true), Naive(q, k, v, later.add(padding))),
                1e-5)
          << name << " " << queries;
    }
  }
}

TEST(AttentionCoreTest, GroupsOfHeadsShareKeys) {
  const at::Tensor q = RandomNormal({2, 6, 5, 8}, 1);
  const at::Tensor k = RandomNormal({2, 2, 11, 8}, 2);
  const at::Tensor v = RandomNormal({2, 2, 11, 8}, 3);
  const at::Tensor expected = Naive(q, k.repeat_interleave(3, 1), v.repeat_interleave(3, 1), {});
  for (const char* name : {"eager", "sdpa", "math", "flash"}) {
    AttentionCore core(*AttentionBackendByName(name), 0);
    EXPECT_LT(ScaledDifference(core(q, k, v, {}), expected), 1e-5) << name;
    EXPECT_EQ(core.KernelUsed(), name == std::string("sdpa") ? "flash" : name);
  }
}

TEST(AttentionCoreTest, ScaleCanBeGiven) {
  const at::Tensor q = RandomNormal({1, 2, 5, 8}, 1);
  const at::Tensor k = RandomNormal({1, 2, 7, 8}, 2);
  const at::Tensor expected = Naive(q.mul(std::sqrt(8.0)), k, k, {});
  for (const char* name : {"eager", "sdpa", "math", "flash"}) {
    AttentionCore core(*AttentionBackendByName(name), 0, /*scale=*/1.0);
    EXPECT_LT(ScaledDifference(core(q, k, k, {}), expected), 1e-5) << name;
  }
}

TEST(AttentionCoreTest, TellsWhichKernelRan) {
  const at::Tensor q = RandomNormal({1, 2, 16, 8}, 1);
  for (const char* name : {"eager", "math", "flash"}) {
    AttentionCore core(*AttentionBackendByName(name), 0);
    core(q, q, q, {});
    EXPECT_EQ(core.KernelUsed(), name);
  }
  AttentionCore free(AttentionBackend::kSdpa, 0);
  free(q, q, q, {});
  EXPECT_EQ(free.KernelUsed(), "flash");
}

TEST(AttentionCoreTest, ForcingLeavesTheProcessAsItWas) {
  const at::Tensor q = RandomNormal({1, 2, 16, 8}, 1);
  AttentionCore core(AttentionBackend::kMath, 0);
  core(q, q, q, {});
  EXPECT_TRUE(at::globalContext().userEnabledFlashSDP());
  EXPECT_TRUE(at::globalContext().userEnabledMathSDP());
}

TEST(AttentionCoreTest, ImpossibleKernelIsRefusedWithTheReason) {
  for (const char* name : {"efficient", "cudnn"}) {
    EXPECT_THAT(Check(name), StatusIs(absl::StatusCode::kInvalidArgument,
                                      AllOf(HasSubstr(name), HasSubstr("the CPU has"))));
  }
  for (const char* name : {"eager", "sdpa", "math", "flash"}) {
    EXPECT_THAT(Check(name), IsOk()) << name;
  }
}

TEST(AttentionCoreTest, UnknownBackendIsRefused) {
  EXPECT_THAT(AttentionBackendByName("fast"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("efficient")));
}

TEST(AttentionCoreTest, HeadsSplitAndMergeBack) {
  const at::Tensor x = RandomNormal({2, 5, 12}, 1);
  EXPECT_TRUE(MergeHeads(SplitHeads(x, 3)).equal(x));
  EXPECT_EQ(SplitHeads(x, 3).sizes(), at::IntArrayRef({2, 3, 5, 4}));
}

}  // namespace
}  // namespace cusp::models
