#include "worker/runner/training_step.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/fake_clock.h"
#include "worker/runner/noop_model.h"

namespace cusp::runner {
namespace {

using ::testing::ElementsAre;

TEST(TrainingStepTest, ToldPartsBeginInOrderAndTheWeightIsUpdated) {
  const FakeClock clock;
  const auto model = BuildNoopModel(R"({"model_type": "cusp_noop"})", {.training = true}, clock);
  ASSERT_TRUE(model.ok());
  const at::Tensor weight = (*model)->Parameters().front();
  const double before = weight.item<double>();
  AdamW optimizer({weight});
  std::vector<TrainingPart> told;
  TrainOnce(**model, optimizer, {}, [&](TrainingPart part) {
    told.push_back(part);
    // Gradients exist from the end of the backward pass to that of the step.
    EXPECT_EQ(weight.grad().defined(), part == TrainingPart::kOptimizer);
  });
  EXPECT_THAT(told,
              ElementsAre(TrainingPart::kLoss, TrainingPart::kBackward, TrainingPart::kOptimizer));
  EXPECT_FALSE(weight.grad().defined());
  // The loss is its square, so it shrinks.
  EXPECT_LT(weight.item<double>(), before);
}

}  // namespace
}  // namespace cusp::runner
