#include "worker/models/layers/linear_recurrence.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

constexpr int64_t kKeys = 5;

enum class Decay { kNone, kPerHead, kPerHeadAndToken, kPerKey };
constexpr Decay kDecays[] = {Decay::kNone, Decay::kPerHead, Decay::kPerHeadAndToken,
                             Decay::kPerKey};

// Random terms for 2 samples and 3 heads; ln a about -`strength`.
RecurrenceTerms Terms(int64_t n, Decay decay, double strength = 0.5,
                      at::ScalarType dtype = at::kDouble) {
  RecurrenceTerms terms = {RandomNormal({2, 3, n, kKeys}, 1, 1, dtype),
                           RandomNormal({2, 3, n, kKeys}, 2, 1, dtype),
                           RandomNormal({2, 3, n, 4}, 3, 1, dtype),
                           {}};
  const auto draw = [&](at::IntArrayRef sizes) {
    return RandomNormal(sizes, 4, 1, dtype).abs().mul(-strength);
  };
  switch (decay) {
    case Decay::kNone:
      break;
    case Decay::kPerHead:
      terms.log_decay = draw({1, 3, 1, 1});
      break;
    case Decay::kPerHeadAndToken:
      terms.log_decay = draw({2, 3, n, 1});
      break;
    case Decay::kPerKey:
      terms.log_decay = draw({2, 3, n, kKeys});
      break;
  }
  return terms;
}

// S_t = diag(a_t) S_{t-1} + k_t^T v_t, o_t = q_t S_t, token by token.
at::Tensor Naive(const RecurrenceTerms& terms) {
  const int64_t n = terms.q.size(2);
  at::Tensor state;
  std::vector<at::Tensor> outputs;
  for (int64_t t = 0; t < n; ++t) {
    const at::Tensor added =
        terms.k.select(2, t).unsqueeze(-1).matmul(terms.v.select(2, t).unsqueeze(-2));
    if (!state.defined()) {
      state = added;
    } else if (terms.log_decay.defined()) {
      const int64_t at = terms.log_decay.size(2) == 1 ? 0 : t;
      state = state.mul(terms.log_decay.select(2, at).exp().unsqueeze(-1)).add(added);
    } else {
      state = state.add(added);
    }
    outputs.push_back(terms.q.select(2, t).unsqueeze(-2).matmul(state));
  }
  return ops::Cat(outputs, 2);
}

RecurrenceTerms Cut(const RecurrenceTerms& terms, int64_t begin, int64_t length) {
  const auto cut = [&](const at::Tensor& x) {
    return !x.defined() || x.size(2) == 1 ? x : x.narrow(2, begin, length);
  };
  return {cut(terms.q), cut(terms.k), cut(terms.v), cut(terms.log_decay)};
}

TEST(LinearRecurrenceTest, AnyChunkEqualsTheNaiveRecurrence) {
  for (const Decay decay : kDecays) {
    for (const int64_t n : {1, 2, 7, 16, 37}) {
      const RecurrenceTerms terms = Terms(n, decay);
      const at::Tensor expected = Naive(terms);
      for (const int64_t chunk : {1, 2, 3, 8, 16, 37, 100}) {
        EXPECT_LT(ScaledDifference(LinearRecurrence(terms, chunk), expected), 1e-11)
            << "decay " << static_cast<int>(decay) << ", n " << n << ", chunk " << chunk;
      }
    }
  }
}

TEST(LinearRecurrenceTest, AnySplitContinuesTheState) {
  for (const Decay decay : kDecays) {
    const int64_t n = 23;
    const RecurrenceTerms terms = Terms(n, decay);
    const at::Tensor expected = Naive(terms);
    for (const std::vector<int64_t>& pieces :
         {std::vector<int64_t>(n, 1), std::vector<int64_t>{n}, std::vector<int64_t>{1, 9, 1, 12}}) {
      RecurrentState state;
      int64_t at = 0;
      for (const int64_t piece : pieces) {
        const at::Tensor output = ExtendRecurrence(Cut(terms, at, piece), 4, state);
        EXPECT_LT(ScaledDifference(output, expected.narrow(2, at, piece)), 1e-11)
            << "decay " << static_cast<int>(decay) << ", tokens from " << at;
        at += piece;
      }
      EXPECT_EQ(state.length, n);
    }
  }
}

TEST(LinearRecurrenceTest, GradientsEqualThoseOfTheNaiveRecurrence) {
  for (const Decay decay : kDecays) {
    std::vector<std::vector<at::Tensor>> gradients;
    for (const bool naive : {false, true}) {
      RecurrenceTerms terms = Terms(19, decay);
      std::vector<at::Tensor> leaves = {terms.q, terms.k, terms.v};
      if (terms.log_decay.defined()) {
        leaves.push_back(terms.log_decay);
      }
      for (at::Tensor& leaf : leaves) {
        leaf.requires_grad_(true);
      }
      const at::Tensor output = naive ? Naive(terms) : LinearRecurrence(terms, 5);
      output.mul(RandomNormal(output.sizes(), 9, 1, at::kDouble)).sum().backward();
      std::vector<at::Tensor>& mine = gradients.emplace_back();
      for (const at::Tensor& leaf : leaves) {
        mine.push_back(leaf.grad());
      }
    }
    for (size_t i = 0; i < gradients[0].size(); ++i) {
      EXPECT_LT(ScaledDifference(gradients[0][i], gradients[1][i]), 1e-10)
          << "decay " << static_cast<int>(decay) << ", term " << i;
    }
  }
}

// Keys that decay by e^-8 a step: e^-128 over a chunk, which no float32 holds.
TEST(LinearRecurrenceTest, StrongDecayIsExactInFloat32) {
  const RecurrenceTerms terms = Terms(200, Decay::kPerKey, /*strength=*/4, at::kFloat);
  const RecurrenceTerms exact = {terms.q.to(at::kDouble), terms.k.to(at::kDouble),
                                 terms.v.to(at::kDouble),
                                 terms.log_decay.clamp_min(-10).to(at::kDouble)};
  EXPECT_LT(ScaledDifference(LinearRecurrence(terms, 16), Naive(exact)), 1e-5);
}

TEST(LinearRecurrenceTest, DecayWithoutBoundStaysFinite) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    RecurrenceTerms terms = Terms(64, Decay::kPerKey, /*strength=*/1e4, dtype);
    terms.log_decay.requires_grad_(true);
    terms.k.requires_grad_(true);
    const at::Tensor output = LinearRecurrence(terms, 16);
    EXPECT_TRUE(output.isfinite().all().item<bool>());
    output.sum().backward();
    EXPECT_TRUE(terms.k.grad().isfinite().all().item<bool>());
    EXPECT_TRUE(terms.log_decay.grad().isfinite().all().item<bool>());
  }
}

TEST(LinearRecurrenceTest, LongSequencesKeepFloat32sPrecision) {
  const RecurrenceTerms exact = Terms(3000, Decay::kPerHead, 0.01);
  const RecurrenceTerms rounded = {exact.q.to(at::kFloat), exact.k.to(at::kFloat),
                                   exact.v.to(at::kFloat), exact.log_decay.to(at::kFloat)};
  EXPECT_LT(ScaledDifference(LinearRecurrence(rounded, 64), LinearRecurrence(exact, 64)), 1e-5);
}

}  // namespace
}  // namespace cusp::models
