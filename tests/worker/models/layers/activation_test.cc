#include "worker/models/layers/activation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(ActivationTest, UnknownNameIsRefusedWithTheKnownOnes) {
  EXPECT_THAT(ActivationByName("gelo"), StatusIs(absl::StatusCode::kInvalidArgument,
                                                 AllOf(HasSubstr("gelo"), HasSubstr("gelu_new"))));
}

TEST(ActivationTest, InPlaceAndRecordedFormsAgree) {
  for (const std::string& name : ActivationNames()) {
    const Activation activation = *ActivationByName(name);
    const at::Tensor x = RandomNormal({50}, 1, 4, at::kDouble);
    at::Tensor recorded = x.clone().requires_grad_();
    // Adding 0 makes a tensor that is no leaf, as inside a model.
    const at::Tensor with_gradient = Activate(activation, recorded.add(0));
    EXPECT_TRUE(Activate(activation, x.clone()).equal(with_gradient.detach())) << name;
    with_gradient.sum().backward();
    EXPECT_TRUE(recorded.grad().isfinite().all().item<bool>()) << name;
  }
}

TEST(ActivationTest, GeluFormulasDifferSlightly) {
  const at::Tensor x = RandomNormal({200}, 1, 1, at::kDouble);
  const at::Tensor exact = Activate(Activation::kGelu, x.clone());
  const at::Tensor tanh = Activate(Activation::kGeluTanh, x.clone());
  const double difference = exact.sub(tanh).abs().max().item<double>();
  EXPECT_GT(difference, 1e-5);
  EXPECT_LT(difference, 1e-3);
}

}  // namespace
}  // namespace cusp::models
