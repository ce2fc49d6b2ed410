#include "worker/models/text/funnel_attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <vector>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

constexpr int64_t kFeatures = 8;
constexpr int64_t kHeads = 2;
constexpr int64_t kSize = 5;

struct Case {
  int64_t queries;
  int64_t keys;
  int64_t step;  // of queries, in keys
  bool separate_cls;
  bool kinds;
};

at::Tensor WavesOf(double position) {
  std::vector<at::Tensor> waves;
  for (int64_t part = 0; part < 2; ++part) {
    for (int64_t i = 0; i < kFeatures / 2; ++i) {
      const double angle =
          position * std::pow(10000, -static_cast<double>(i) / static_cast<double>(kFeatures / 2));
      waves.push_back(
          ops::Full({1}, part == 0 ? std::sin(angle) : std::cos(angle), at::kDouble, at::kCPU));
    }
  }
  return ops::Cat(waves, 0);
}

at::Tensor Table(int64_t first, int64_t step, int64_t count) {
  std::vector<at::Tensor> rows;
  for (int64_t i = 0; i < count; ++i) {
    rows.push_back(WavesOf(static_cast<double>(first + step * i)).unsqueeze(0));
  }
  return ops::Cat(rows, 0);
}

FunnelView ViewOf(const Case& test, bool shift) {
  FunnelView view = {.queries = test.queries, .keys = test.keys, .step = test.step};
  if (shift) {
    view.waves = Table(test.step * test.queries, -1, test.step * test.queries + test.keys);
  } else {
    view.waves = Table(0, test.step, test.queries);
    view.key_waves = Table(0, 1, test.keys);
  }
  view.additive = RandomNormal({2, test.keys}, 9, 1, at::kDouble);
  if (test.kinds) {
    view.same_kind = RandomNormal({2, test.queries, test.keys}, 10).gt(0).to(at::kDouble);
    if (test.separate_cls) {
      view.same_kind.select(2, 0).zero_();
    }
  }
  return view;
}

// One score after the other.
at::Tensor Slowly(const ParameterStore& store, const at::Tensor& query, const at::Tensor& context,
                  const Case& test, const FunnelView& view) {
  std::map<std::string, at::Tensor> tensors(store.tensors().begin(), store.tensors().end());
  const at::Tensor q = query.matmul(tensors["a.q_head.weight"].t()).view({2, -1, kHeads, kSize});
  const at::Tensor k = context.matmul(tensors["a.k_head.weight"].t())
                           .add(tensors["a.k_head.bias"])
                           .view({2, -1, kHeads, kSize});
  const at::Tensor v = context.matmul(tensors["a.v_head.weight"].t())
                           .add(tensors["a.v_head.bias"])
                           .view({2, -1, kHeads, kSize});
  at::Tensor output = q.clone();
  for (int64_t b = 0; b < 2; ++b) {
    for (int64_t h = 0; h < kHeads; ++h) {
      const auto of_head = [&](const char* name) { return tensors[name].select(-2, h); };
      for (int64_t i = 0; i < test.queries; ++i) {
        const at::Tensor mine = q.select(0, b).select(0, i).select(0, h);
        std::vector<at::Tensor> scores;
        for (int64_t j = 0; j < test.keys; ++j) {
          at::Tensor score =
              mine.add(of_head("a.r_w_bias")).dot(k.select(0, b).select(0, j).select(0, h));
          if (!test.separate_cls || (i > 0 && j > 0)) {
            const at::Tensor distance =
                WavesOf(static_cast<double>(test.step * i - j)).matmul(of_head("a.r_kernel"));
            const int64_t same =
                test.kinds ? view.same_kind.select(0, b).select(0, i).select(0, j).item<int64_t>()
                           : 1;
            score = score.add(mine.add(of_head("a.r_r_bias")).dot(distance))
                        .add(mine.add(of_head("a.r_s_bias"))
                                 .dot(of_head("a.seg_embed").select(0, same)));
          }
          scores.push_back(score.div(std::sqrt(1.0 * kSize))
                               .add(view.additive.select(0, b).select(0, j))
                               .view({1}));
        }
        const at::Tensor weights = ops::Cat(scores, 0).softmax(0);
        output.select(0, b).select(0, i).select(0, h).copy_(
            weights.matmul(v.select(0, b).select(1, h)));
      }
    }
  }
  return output.flatten(2);
}

void ExpectEqualsSlowly(const Case& test, bool shift) {
  ParameterStore store({.dtype = at::kDouble, .initializer_range = 0.5});
  const FunnelAttention attention(store, "a",
                                  {.hidden_size = kFeatures,
                                   .heads = kHeads,
                                   .head_size = kSize,
                                   .shift = shift,
                                   .separate_cls = test.separate_cls,
                                   .initializer_range = 1});
  for (const auto& [name, tensor] : store.tensors()) {
    if (name.ends_with("bias")) {
      tensor.copy_(RandomNormal(tensor.sizes(), name.size(), 0.5));
    }
  }
  const at::Tensor query = RandomNormal({2, test.queries, kFeatures}, 1, 1, at::kDouble);
  const at::Tensor context = RandomNormal({2, test.keys, kFeatures}, 2, 1, at::kDouble);
  const FunnelView view = ViewOf(test, shift);
  EXPECT_LT(
      ScaledDifference(attention(query, context, view), Slowly(store, query, context, test, view)),
      1e-10)
      << test.queries << " queries, " << test.keys << " keys, kinds " << test.kinds << ", shift "
      << shift;
}

TEST(FunnelAttentionTest, EqualsItsDefinition) {
  for (const bool shift : {true, false}) {
    for (const bool separate_cls : {true, false}) {
      for (const bool kinds : {true, false}) {
        ExpectEqualsSlowly({7, 7, 1, separate_cls, kinds}, shift);
        ExpectEqualsSlowly({4, 7, 2, separate_cls, kinds}, shift);
        ExpectEqualsSlowly({1, 1, 1, separate_cls, kinds}, shift);
      }
    }
  }
}

// More queries than meet the keys at once.
TEST(FunnelAttentionTest, PiecesOfQueriesMakeTheWhole) {
  for (const bool shift : {true, false}) {
    ExpectEqualsSlowly({259, 5, 1, true, true}, shift);
    ExpectEqualsSlowly({300, 3, 2, false, false}, shift);
  }
}

}  // namespace
}  // namespace cusp::models
