#include "worker/models/layers/state_space.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

StateSpaceInputs Drawn(int64_t length, int64_t heads, int64_t groups) {
  return {.x = RandomNormal({2, length, heads, 3}, 1, 1, at::kDouble),
          .dt = RandomNormal({2, length, heads}, 2, 1, at::kDouble).abs(),
          .a = RandomNormal({heads}, 3, 1, at::kDouble).abs().neg(),
          .b = RandomNormal({2, length, groups, 5}, 4, 1, at::kDouble),
          .c = RandomNormal({2, length, groups, 5}, 5, 1, at::kDouble)};
}

StateSpaceInputs Part(const StateSpaceInputs& in, int64_t at, int64_t length) {
  return {.x = in.x.narrow(1, at, length),
          .dt = in.dt.narrow(1, at, length),
          .a = in.a,
          .b = in.b.narrow(1, at, length),
          .c = in.c.narrow(1, at, length)};
}

// The recurrence, number by number.
at::Tensor Naive(const StateSpaceInputs& in) {
  const int64_t length = in.x.size(1);
  const int64_t heads = in.x.size(2);
  const int64_t shared = heads / in.b.size(2);
  at::Tensor y = in.x.new_zeros(in.x.sizes());
  auto out = y.accessor<double, 4>();
  const auto x = in.x.accessor<double, 4>();
  const auto dt = in.dt.accessor<double, 3>();
  const auto a = in.a.accessor<double, 1>();
  const auto b = in.b.accessor<double, 4>();
  const auto c = in.c.accessor<double, 4>();
  for (int64_t sample = 0; sample < in.x.size(0); ++sample) {
    for (int64_t h = 0; h < heads; ++h) {
      for (int64_t p = 0; p < in.x.size(3); ++p) {
        for (int64_t s = 0; s < in.b.size(3); ++s) {
          double state = 0;
          for (int64_t t = 0; t < length; ++t) {
            const double step = dt[sample][t][h];
            state = std::exp(step * a[h]) * state +
                    step * b[sample][t][h / shared][s] * x[sample][t][h][p];
            out[sample][t][h][p] += state * c[sample][t][h / shared][s];
          }
        }
      }
    }
  }
  return y;
}

TEST(StateSpaceTest, ChunksOfAnySizeEqualTheRecurrence) {
  for (const int64_t groups : {1, 2, 4}) {
    for (const int64_t length : {1, 7, 12, 23}) {
      const StateSpaceInputs inputs = Drawn(length, 4, groups);
      const at::Tensor expected = Naive(inputs);
      for (const int64_t chunk : {1, 3, 5, 12, 100}) {
        EXPECT_LT(ScaledDifference(ScanByChunks(inputs, chunk, nullptr), expected), 1e-12)
            << "groups " << groups << " length " << length << " chunk " << chunk;
      }
    }
  }
}

TEST(StateSpaceTest, StepsEqualTheChunks) {
  for (const int64_t groups : {1, 2}) {
    const StateSpaceInputs inputs = Drawn(14, 4, groups);
    const at::Tensor whole = ScanByChunks(inputs, 4, nullptr);
    at::Tensor state;
    EXPECT_LT(ScaledDifference(ScanByChunks(Part(inputs, 0, 9), 4, &state), whole.narrow(1, 0, 9)),
              1e-12);
    for (int64_t t = 9; t < 11; ++t) {
      EXPECT_LT(ScaledDifference(ScanStep(Part(inputs, t, 1), state), whole.narrow(1, t, 1)), 1e-12)
          << t;
    }
    EXPECT_LT(
        ScaledDifference(ScanByChunks(Part(inputs, 11, 3), 4, &state), whole.narrow(1, 11, 3)),
        1e-12);
  }
}

TEST(StateSpaceTest, StrongDecayStaysFinite) {
  StateSpaceInputs inputs = Drawn(40, 2, 1);
  for (at::Tensor* x : {&inputs.x, &inputs.dt, &inputs.a, &inputs.b, &inputs.c}) {
    *x = x->to(at::kFloat);
  }
  inputs.dt = inputs.dt.mul(100);
  inputs.x.requires_grad_(true);
  inputs.dt.requires_grad_(true);
  const at::Tensor y = ScanByChunks(inputs, 16, nullptr);
  EXPECT_TRUE(y.isfinite().all().item<bool>());
  y.sum().backward();
  EXPECT_TRUE(inputs.dt.grad().isfinite().all().item<bool>());
}

}  // namespace
}  // namespace cusp::models
