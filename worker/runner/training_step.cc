#include "worker/runner/training_step.h"

#include <ATen/ops/mean.h>
#include <ATen/ops/square.h>

namespace cusp::runner {

void TrainOnce(models::Model& model, AdamW& optimizer, const models::Inputs& inputs,
               absl::FunctionRef<void(TrainingPart)> enter) {
  {
    at::Tensor loss = model.Forward(inputs);
    enter(TrainingPart::kLoss);
    loss = at::mean(at::square(loss));
    enter(TrainingPart::kBackward);
    loss.backward();
    // The graph goes with the loss, as a part of the backward pass.
  }
  enter(TrainingPart::kOptimizer);
  optimizer.Step();
}

}  // namespace cusp::runner
