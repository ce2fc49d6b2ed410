#include "worker/models/layers/lsh_attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {
namespace {

constexpr int64_t kHidden = 6;
constexpr int64_t kHeads = 2;
constexpr int64_t kSize = 5;
constexpr int64_t kLength = 24;

LshOptions Options(const ChunkReach& reach, int64_t rounds, const std::vector<int64_t>& buckets,
                   bool causal = false) {
  return {.attention = {.shape = {.hidden_size = kHidden, .heads = kHeads, .head_size = kSize},
                        .reach = reach,
                        .causal = causal},
          .rounds = rounds,
          .buckets = [buckets](int64_t) { return buckets; },
          .seed = 11};
}

SequenceMask MaskOf(int64_t length, bool masked) {
  const Inputs inputs = TinyInputs("bert", length, 1);
  return MakeSequenceMask(inputs.at("input_ids"),
                          masked ? inputs.at("attention_mask") : at::Tensor(), 0, at::kDouble);
}

double At(const at::Tensor& x, std::vector<int64_t> place) {
  at::Tensor at = x;
  for (const int64_t i : place) {
    at = at.select(0, i);
  }
  return at.item<double>();
}

// One sequence of one head, by loops.
struct Head {
  at::Tensor qk, v;        // [n, size]
  std::vector<bool> keep;  // of each token
  const LshOptions* options;

  double Score(int64_t i, int64_t j) const {
    if (i == j) {
      return -1e5;
    }
    if (!keep[static_cast<size_t>(j)] || (options->attention.causal && j > i)) {
      return MaskValue(at::kDouble);
    }
    const at::Tensor key = qk.select(0, j);
    const at::Tensor direction = key.mul(key.square().mean().add(1e-6).rsqrt());
    return qk.select(0, i).dot(direction).item<double>() / std::sqrt(1.0 * kSize);
  }
};

// Buckets of each token in one round: [n].
std::vector<int64_t> BucketsOf(const Head& head, const at::Tensor& rotations, int64_t round) {
  const std::vector<int64_t> factors = head.options->buckets(head.qk.size(0));
  std::vector<int64_t> buckets(static_cast<size_t>(head.qk.size(0)), 0);
  const int64_t all = std::accumulate(factors.begin(), factors.end(), int64_t{1},
                                      [](int64_t a, int64_t b) { return a * b; });
  for (size_t token = 0; token < buckets.size(); ++token) {
    int64_t begin = 0;
    int64_t product = 1;
    const at::Tensor along =
        head.qk.select(0, static_cast<int64_t>(token)).matmul(rotations.select(1, round));
    for (const int64_t factor : factors) {
      const at::Tensor half = along.narrow(0, begin, factor / 2);
      buckets[token] += product * ops::Cat({half, half.neg()}, 0).argmax().item<int64_t>();
      begin += factor / 2;
      product *= factor;
    }
    if (!head.keep[token]) {
      buckets[token] = all;
    }
  }
  return buckets;
}

// Tokens of all rounds one after another, each round's sorted by bucket.
std::vector<int64_t> SortedTokens(const Head& head, const at::Tensor& rotations) {
  std::vector<int64_t> sorted;
  for (int64_t round = 0; round < head.options->rounds; ++round) {
    const std::vector<int64_t> buckets = BucketsOf(head, rotations, round);
    std::vector<int64_t> tokens(buckets.size());
    std::iota(tokens.begin(), tokens.end(), int64_t{0});
    std::stable_sort(tokens.begin(), tokens.end(), [&](int64_t a, int64_t b) {
      return buckets[static_cast<size_t>(a)] < buckets[static_cast<size_t>(b)];
    });
    sorted.insert(sorted.end(), tokens.begin(), tokens.end());
  }
  return sorted;
}

// Values that a sorted place sees, weighted, and the log of the weights' sum.
std::pair<at::Tensor, double> SeenFrom(const Head& head, const std::vector<int64_t>& sorted,
                                       int64_t place) {
  const ChunkReach& reach = head.options->attention.reach;
  const int64_t chunks = static_cast<int64_t>(sorted.size()) / reach.chunk;
  std::vector<double> scores;
  std::vector<int64_t> tokens;
  for (int64_t step = -reach.before; step <= reach.after; ++step) {
    const int64_t chunk = (place / reach.chunk + step + chunks) % chunks;
    for (int64_t i = 0; i < reach.chunk; ++i) {
      tokens.push_back(sorted[static_cast<size_t>(chunk * reach.chunk + i)]);
      scores.push_back(head.Score(sorted[static_cast<size_t>(place)], tokens.back()));
    }
  }
  const double most = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  at::Tensor values = head.v.select(0, 0).mul(0);
  for (size_t i = 0; i < scores.size(); ++i) {
    sum += std::exp(scores[i] - most);
    values = values.add(head.v.select(0, tokens[i]), std::exp(scores[i] - most));
  }
  return {values.div(sum), most + std::log(sum)};
}

at::Tensor OneHead(const Head& head, const at::Tensor& rotations) {
  const std::vector<int64_t> sorted = SortedTokens(head, rotations);
  std::vector<at::Tensor> sums(static_cast<size_t>(kLength), head.v.select(0, 0).mul(0));
  std::vector<double> weights(static_cast<size_t>(kLength), 0);
  std::vector<std::pair<at::Tensor, double>> seen;
  std::vector<double> most(static_cast<size_t>(kLength), -1e300);
  for (size_t place = 0; place < sorted.size(); ++place) {
    seen.push_back(SeenFrom(head, sorted, static_cast<int64_t>(place)));
    double& token_most = most[static_cast<size_t>(sorted[place])];
    token_most = std::max(token_most, seen.back().second);
  }
  for (size_t place = 0; place < sorted.size(); ++place) {
    const auto token = static_cast<size_t>(sorted[place]);
    const double weight = std::exp(seen[place].second - most[token]);
    sums[token] = sums[token].add(seen[place].first, weight);
    weights[token] += weight;
  }
  std::vector<at::Tensor> rows;
  for (size_t token = 0; token < sums.size(); ++token) {
    rows.push_back(sums[token].div(weights[token]).unsqueeze(0));
  }
  return ops::Cat(rows, 0);
}

at::Tensor Slowly(const ParameterStore& store, const at::Tensor& x, const SequenceMask& mask,
                  const LshOptions& options) {
  const std::vector<int64_t> factors = options.buckets(x.size(1));
  const int64_t pairs = std::accumulate(factors.begin(), factors.end(), int64_t{0}) / 2;
  const at::Tensor rotations =
      ops::Empty({kHeads, kSize, options.rounds, pairs}, at::kFloat, at::kCPU)
          .normal_(0, 1, ops::CpuGenerator(options.seed))
          .to(at::kDouble);
  const at::Tensor qk = SplitHeads(x.matmul(store.tensors()[0].second.t()), kHeads);
  const at::Tensor v = SplitHeads(x.matmul(store.tensors()[1].second.t()), kHeads);
  at::Tensor output = v.clone();
  for (int64_t b = 0; b < x.size(0); ++b) {
    std::vector<bool> keep;
    for (int64_t i = 0; i < x.size(1); ++i) {
      keep.push_back(!mask.keep.defined() || At(mask.keep, {b, i}) != 0);
    }
    for (int64_t h = 0; h < kHeads; ++h) {
      const Head head = {qk.select(0, b).select(0, h), v.select(0, b).select(0, h), keep, &options};
      output.select(0, b).select(0, h).copy_(OneHead(head, rotations.select(0, h)));
    }
  }
  return MergeHeads(output);
}

struct Built {
  explicit Built(const LshOptions& options)
      : store({.dtype = at::kDouble, .initializer_range = 0.5}), attention(store, "a", options) {}

  at::Tensor operator()(const at::Tensor& x, const SequenceMask& mask) {
    at::Tensor order;
    return attention(x, mask, order);
  }

  ParameterStore store;
  LshAttention attention;
};

at::Tensor Tokens(int64_t length) { return RandomNormal({2, length, kHidden}, 3, 1, at::kDouble); }

TEST(LshAttentionTest, EqualsItsDefinition) {
  for (const ChunkReach& reach : {ChunkReach{4, 1, 0}, ChunkReach{6, 0, 1}, ChunkReach{3, 2, 1}}) {
    for (const int64_t rounds : {1, 3}) {
      for (const std::vector<int64_t>& buckets :
           {std::vector<int64_t>{6}, std::vector<int64_t>{2, 4}}) {
        for (const bool causal : {false, true}) {
          for (const bool masked : {false, true}) {
            const LshOptions options = Options(reach, rounds, buckets, causal);
            Built built(options);
            const SequenceMask mask = MaskOf(kLength, masked);
            EXPECT_LT(
                ScaledDifference(built(Tokens(kLength), mask),
                                 Slowly(built.store, Tokens(kLength), mask, options), mask.keep),
                1e-9)
                << reach.chunk << ", rounds " << rounds << ", causal " << causal << ", masked "
                << masked;
          }
        }
      }
    }
  }
}

// Where every chunk sees all others once, it does not matter how tokens are sorted.
TEST(LshAttentionTest, SeeingAllChunksIsFullAttention) {
  const SequenceMask mask = MaskOf(kLength, true);
  Built whole(Options({kLength, 0, 0}, 1, {4}));
  Built chunks(Options({4, 3, 2}, 1, {4}));
  EXPECT_LT(
      ScaledDifference(chunks(Tokens(kLength), mask), whole(Tokens(kLength), mask), mask.keep),
      1e-12);
}

TEST(LshAttentionTest, ATokenAloneSeesItself) {
  Built built(Options({8, 1, 0}, 2, {4}));
  const at::Tensor x = Tokens(1);
  EXPECT_LT(
      ScaledDifference(built(x, MaskOf(1, false)), x.matmul(built.store.tensors()[1].second.t())),
      1e-12);
}

TEST(LshAttentionTest, AGivenOrderIsTaken) {
  const SequenceMask mask = MaskOf(kLength, false);
  Built first(Options({4, 1, 0}, 2, {4}));
  LshOptions otherwise = Options({4, 1, 0}, 2, {4});
  otherwise.seed = 12;
  Built second(otherwise);
  at::Tensor order;
  const at::Tensor expected = first.attention(Tokens(kLength), mask, order);
  EXPECT_EQ(order.sizes(), at::IntArrayRef({2, kHeads, 2, kLength}));
  EXPECT_TRUE(second.attention(Tokens(kLength), mask, order).equal(expected));
  EXPECT_FALSE(second(Tokens(kLength), mask).equal(expected));
}

}  // namespace
}  // namespace cusp::models
