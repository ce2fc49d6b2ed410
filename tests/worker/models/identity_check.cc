#include "tests/worker/models/identity_check.h"

#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {

void ExpectPiecesEqualTheWhole(const nlohmann::json& config, int64_t tokens,
                               const std::vector<std::vector<int64_t>>& cuts) {
  const auto model = MustBuild(config, {.dtype = at::kDouble});
  const at::Tensor ids = model->RandomInputs(tokens, 2, 1)->at("input_ids");
  const at::Tensor whole = Infer(*model, {{"input_ids", ids}});
  for (const std::vector<int64_t>& pieces : cuts) {
    const c10::InferenceMode guard;
    const auto state = model->NewState();
    for (const int64_t piece : pieces) {
      const int64_t at = state->length;
      EXPECT_LT(ScaledDifference(model->Extend(ids.narrow(1, at, piece), *state),
                                 whole.narrow(1, at, piece)),
                1e-9)
          << config << ", " << piece << " tokens from " << at;
    }
    EXPECT_EQ(state->length, tokens);
  }
}

void ExpectEveryBackendAgrees(const nlohmann::json& config, const Inputs& inputs) {
  const at::Tensor expected = Infer(*MustBuild(config), inputs);
  const auto mask = inputs.find("attention_mask");
  for (const char* attention : {"sdpa", "math", "flash"}) {
    EXPECT_LT(ScaledDifference(Infer(*MustBuild(config, {.attention = attention}), inputs),
                               expected, mask == inputs.end() ? at::Tensor() : mask->second),
              1e-5)
        << config << ", " << attention;
  }
}

}  // namespace cusp::models
