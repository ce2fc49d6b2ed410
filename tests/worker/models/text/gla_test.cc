#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

// The recurrence token by token, then norm and gate.
at::Tensor ByDefinition(const SlowLayer& layer) {
  const at::Tensor q = layer.Heads("query");
  const at::Tensor k = layer.Heads("key");
  const at::Tensor v = layer.Heads("value");
  const at::Tensor alpha = layer.Heads("alpha").sigmoid().pow(1.0 / 16);
  const at::Tensor keep = layer.keep.to(at::kDouble).view({q.size(0), 1, q.size(2), 1, 1});
  at::Tensor state =
      ops::Full({q.size(0), q.size(1), q.size(3), v.size(3)}, 0, at::kDouble, at::kCPU);
  std::vector<at::Tensor> outputs;
  for (int64_t t = 0; t < q.size(2); ++t) {
    const at::Tensor added = k.select(2, t).unsqueeze(-1).mul(v.select(2, t).unsqueeze(-2));
    state = state.mul(alpha.select(2, t).unsqueeze(-1)).add(added.mul(keep.select(2, t)));
    outputs.push_back(q.select(2, t).unsqueeze(-2).matmul(state));
  }
  const at::Tensor o = ops::Cat(outputs, 2);
  const at::Tensor centred = o.sub(o.mean(-1, true));
  const at::Tensor gate = layer.Heads("gate");
  // 1e-12 is added to the variance of o / sqrt(d_h).
  const double eps = 1e-12 * static_cast<double>(q.size(3));
  return centred.div(centred.square().mean(-1, true).add(eps).sqrt()).mul(gate).mul(gate.sigmoid());
}

TEST(GlaTest, EqualsItsDefinitionForAnyChunk) {
  for (const int64_t heads : {1, 2, 4}) {
    for (const int64_t chunk : {1, 5, 16}) {
      nlohmann::json config = TinyConfig("gla");
      config["num_attention_heads"] = heads;
      config["chunk_size"] = chunk;
      ExpectEqualsSlowly(config, {1, 2, 13, 24, 64}, ByDefinition);
    }
  }
}

TEST(GlaTest, BidirectionalIsRefused) {
  nlohmann::json config = TinyConfig("gla");
  config["is_decoder"] = false;
  EXPECT_THAT(BuildModel(config.dump(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("causal by definition")));
}

}  // namespace
}  // namespace cusp::models
