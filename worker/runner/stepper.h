// Variants of models, and the steps that are timed.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "cusp/runner/v1/runner.pb.h"
#include "worker/models/model.h"
#include "worker/runner/adamw.h"
#include "worker/runner/input_cache.h"
#include "worker/runner/part_timer.h"
#include "worker/runner/timer.h"

namespace cusp::runner {

// Builds variants, keeps them on one device, and runs samples of them. Timer and
// clock outlive it. Methods may throw what LibTorch throws. Not thread-safe.
class Stepper {
 public:
  Stepper(c10::Device device, Timer& timer, const Clock& clock);

  // FAILED_PRECONDITION for a number in use, INVALID_ARGUMENT for what can't be
  // built (named), DATA_LOSS for weights that aren't the ones meant.
  absl::StatusOr<v1::BuildResponse> Build(const v1::BuildRequest& request);

  // One sample. FAILED_PRECONDITION for an unknown variant or a count below 1,
  // INVALID_ARGUMENT for an impossible length.
  absl::StatusOr<v1::StepResult> Run(const v1::Step& step);

  // Where the time of a step goes; calls are pairs. Errors are those of Run.
  absl::StatusOr<v1::ComponentsResponse> Components(const v1::Step& step);

  // FAILED_PRECONDITION for an unknown variant.
  absl::Status Drop(int32_t variant);

  // After a step that failed for lack of memory: gives back all that the next
  // one does not need.
  void ReleaseMemory();

 private:
  struct Variant {
    std::unique_ptr<models::Model> model;
    std::optional<AdamW> optimizer;  // in training
    bool decodes = false;
    uint64_t seed = 0;
  };

  // The variant of a step that makes sense; valid until Drop.
  absl::StatusOr<Variant*> Find(const v1::Step& step);
  // Valid until the next step or Drop.
  absl::StatusOr<const models::Inputs*> InputsFor(const v1::Step& step, const Variant& variant,
                                                  int64_t length);
  absl::StatusOr<PartTimer::Times> TellApart(const v1::Step& step, Variant& variant);
  absl::StatusOr<v1::StepResult> RunDecoding(const v1::Step& step, Variant& variant);
  std::vector<int64_t> RunInference(models::Model& model, const models::Inputs& inputs, int calls);
  std::vector<int64_t> RunTraining(Variant& variant, const models::Inputs& inputs, int calls);

  c10::Device device_;
  Timer& timer_;
  const Clock& clock_;
  std::map<int32_t, Variant> variants_;
  InputCache inputs_;
};

}  // namespace cusp::runner
