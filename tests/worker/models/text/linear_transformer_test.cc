#include <gtest/gtest.h>

#include "tests/worker/models/formula_check.h"
#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

at::Tensor Phi(const at::Tensor& x) { return ops::Where(x.gt(0), x.add(1), x.exp()); }

// Weights phi(q_i) . phi(k_j), written out.
SlowAttention ByDefinition(bool causal) {
  return [causal](const SlowLayer& layer) {
    at::Tensor weights = Phi(layer.Heads("query"))
                             .matmul(Phi(layer.Heads("key")).transpose(2, 3))
                             .mul(layer.keep.unsqueeze(1).unsqueeze(1));
    weights = causal ? weights.tril() : weights;
    return weights.matmul(layer.Heads("value")).div(weights.sum(-1, true).add(1e-6));
  };
}

TEST(LinearTransformerTest, EqualsItsDefinition) {
  for (const int64_t heads : {1, 2, 4}) {
    nlohmann::json config = TinyConfig("linear_transformer");
    config["num_attention_heads"] = heads;
    ExpectEqualsSlowly(config, {1, 2, 13, 24, 64}, ByDefinition(false));
  }
}

TEST(LinearTransformerTest, CausalFormEqualsItsDefinitionForAnyChunk) {
  for (const int64_t chunk : {1, 4, 7, 64}) {
    nlohmann::json config = TinyConfig("linear_transformer");
    config["is_decoder"] = true;
    config["chunk_size"] = chunk;
    ExpectEqualsSlowly(config, {1, 2, 13, 24, 64}, ByDefinition(true));
  }
}

TEST(LinearTransformerTest, FormulaHoldsForTheCausalForm) {
  nlohmann::json config = TinyConfig("linear_transformer");
  config["is_decoder"] = true;
  for (const int64_t chunk : {7, 64}) {
    config["chunk_size"] = chunk;
    ExpectCostsAsCounted(config);
  }
}

// Nothing is kept but sums: a step's memory does not know how many came before.
TEST(LinearTransformerTest, DecodingHoldsAStateOfOneSize) {
  nlohmann::json config = TinyConfig("linear_transformer");
  config["is_decoder"] = true;
  const auto model = MustBuild(config);
  const auto state = model->NewState();
  const at::Tensor ids = model->RandomInputs(64, 1, 1)->at("input_ids");
  const auto step = [&](int64_t at) {
    return AllocatedBytes([&] { model->Extend(ids.narrow(1, at, 1), *state); });
  };
  step(0);
  const int64_t early = step(1);
  for (int64_t i = 2; i < 63; ++i) {
    step(i);
  }
  EXPECT_EQ(step(63), early);
}

}  // namespace
}  // namespace cusp::models
