#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/model.h"

namespace cusp::models {
namespace {

TEST(BertTest, GradientsOfFusedAndEagerAttentionAgree) {
  const Inputs inputs = TinyInputs("bert", kTinyLength, 1);
  std::vector<std::vector<at::Tensor>> gradients;
  for (const char* attention : {"eager", "sdpa"}) {
    const auto model = MustBuild(TinyConfig("bert"),
                                 {.attention = attention, .dtype = at::kDouble, .training = true});
    model->Forward(inputs).square().sum().mul(0.5).sin().backward();
    std::vector<at::Tensor>& mine = gradients.emplace_back();
    for (const at::Tensor& parameter : model->Parameters()) {
      mine.push_back(parameter.grad());
    }
  }
  for (size_t i = 0; i < gradients[0].size(); ++i) {
    EXPECT_LT(ScaledDifference(gradients[1][i], gradients[0][i]), 1e-9) << i;
  }
}

TEST(BertTest, SamplesOfABatchAreIndependent) {
  const auto model = MustBuild(TinyConfig("bert"));
  Inputs both = TinyInputs("bert", kTinyLength, 1);
  both.erase("attention_mask");
  const Inputs first = {{"input_ids", both.at("input_ids").narrow(0, 0, 1)}};
  EXPECT_LT(ScaledDifference(Infer(*model, first), Infer(*model, both).narrow(0, 0, 1)), 1e-5);
}

}  // namespace
}  // namespace cusp::models
