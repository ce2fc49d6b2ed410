// One step of training, and where its parts begin.
#pragma once

#include "absl/functional/function_ref.h"
#include "worker/models/model.h"
#include "worker/runner/adamw.h"

namespace cusp::runner {

// What follows the forward pass.
enum class TrainingPart { kLoss, kBackward, kOptimizer };

// Forward, the mean square of the output as loss, backward, and the optimizer over
// the model's parameters. `enter` is called where each part begins. May throw
// c10::Error, which leaves gradients behind.
void TrainOnce(models::Model& model, AdamW& optimizer, const models::Inputs& inputs,
               absl::FunctionRef<void(TrainingPart)> enter);

}  // namespace cusp::runner
