#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/worker/models/formula_check.h"
#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

at::Tensor Normed(const at::Tensor& x) {
  const at::Tensor centred = x.sub(x.mean(-1, true));
  return centred.div(centred.square().mean(-1, true).sqrt());
}

// Token by token: the memory of what it may see, read through its query.
SlowAttention ByDefinition(bool causal) {
  return [causal](const SlowLayer& layer) {
    const at::Tensor q = layer.Heads("query").softmax(-1).mean(1);
    const at::Tensor k = Normed(layer.Linear("key")).mul(layer.keep.unsqueeze(-1));
    const at::Tensor v = Normed(layer.Linear("value"));
    std::vector<at::Tensor> outputs;
    for (int64_t t = 0; t < q.size(1); ++t) {
      const int64_t seen = causal ? t + 1 : q.size(1);
      const at::Tensor count =
          layer.keep.narrow(1, 0, seen).sum(1).to(at::kDouble).view({-1, 1, 1});
      const at::Tensor state =
          k.narrow(1, 0, seen).transpose(1, 2).matmul(v.narrow(1, 0, seen)).div(count.sqrt());
      outputs.push_back(q.narrow(1, t, 1).matmul(state));
    }
    return SplitHeads(ops::Cat(outputs, 1), layer.heads);
  };
}

TEST(MemsizerTest, EqualsItsDefinition) {
  for (const int64_t heads : {1, 2, 4}) {
    nlohmann::json config = TinyConfig("memsizer");
    config["num_attention_heads"] = heads;
    ExpectEqualsSlowly(config, {1, 2, 13, 24, 64}, ByDefinition(false));
  }
}

TEST(MemsizerTest, CausalFormEqualsItsDefinitionForAnyChunk) {
  for (const int64_t chunk : {1, 5, 64}) {
    nlohmann::json config = TinyConfig("memsizer");
    config["is_decoder"] = true;
    config["chunk_size"] = chunk;
    ExpectEqualsSlowly(config, {1, 2, 13, 24, 64}, ByDefinition(true));
    ExpectCostsAsCounted(config);
  }
}

}  // namespace
}  // namespace cusp::models
