#include "worker/runner/component_steps.h"

#include <c10/core/InferenceMode.h>

#include <optional>

namespace cusp::runner {
namespace {

// One step of either kind; `enter` hears the parts of training.
void RunStep(models::Model& model, AdamW* optimizer, const models::Inputs& inputs,
             absl::FunctionRef<void(TrainingPart)> enter) {
  if (optimizer == nullptr) {
    model.Forward(inputs);
  } else {
    TrainOnce(model, *optimizer, inputs, enter);
  }
}

void RunWhole(models::Model& model, AdamW* optimizer, const models::Inputs& inputs,
              PartTimer& parts) {
  parts.EnterWhole();
  RunStep(model, optimizer, inputs, [](TrainingPart) {});
}

void RunApart(models::Model& model, AdamW* optimizer, const models::Inputs& inputs,
              PartTimer& parts) {
  // What precedes the model's first component is nobody's.
  parts.Enter(models::Component::kOther);
  std::optional<models::ComponentScope> listening(&parts);
  RunStep(model, optimizer, inputs, [&](TrainingPart part) {
    listening.reset();
    parts.Enter(part);
  });
}

}  // namespace

PartTimer::Times TimeComponents(models::Model& model, AdamW* optimizer,
                                const models::Inputs& inputs, int calls, Timer& timer) {
  const c10::InferenceMode inference(optimizer == nullptr);
  // The first step meets colder caches than those that follow one another.
  RunStep(model, optimizer, inputs, [](TrainingPart) {});
  PartTimer parts(timer);
  parts.Begin();
  for (int i = 0; i < calls; ++i) {
    // Whatever changes slowly, clocks or neighbours, meets both kinds alike.
    const bool whole_first = i % 2 == 0;
    (whole_first ? RunWhole : RunApart)(model, optimizer, inputs, parts);
    (whole_first ? RunApart : RunWhole)(model, optimizer, inputs, parts);
  }
  return parts.Finish();
}

}  // namespace cusp::runner
