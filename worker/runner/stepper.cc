#include "worker/runner/stepper.h"

#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/InferenceMode.h>

#include <array>
#include <numeric>
#include <string>
#include <utility>

#include "catalog/weights_index.h"
#include "common/status_macros.h"
#include "worker/runner/allocator.h"
#include "worker/runner/component_steps.h"
#include "worker/runner/decode_steps.h"
#include "worker/runner/dtype.h"
#include "worker/runner/noop_model.h"
#include "worker/runner/training_step.h"

namespace cusp::runner {
namespace {

// A sweep visits lengths in turn; its blocks at one length use few inputs.
constexpr size_t kMaxInputs = 64;

constexpr size_t kTrainingParts = 3;  // forward, backward, optimizer

absl::Status CheckMode(const std::string& mode) {
  if (mode == "inference" || mode == "training" || mode == "decode") {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("mode: '" + mode +
                                    "' is not one of inference, training, decode");
}

absl::Status CheckWeights(const v1::BuildRequest& request) {
  if (request.weights_sha256().empty()) {
    return absl::OkStatus();
  }
  CUSP_ASSIGN_OR_RETURN(const std::string digest,
                        catalog::Sha256HexOfWeights(request.weights_path()));
  if (digest != request.weights_sha256()) {
    return absl::DataLossError(request.weights_path() + ": SHA-256 is " + digest +
                               ", but the job names " + request.weights_sha256() +
                               "; submit the job with the weights as they are now");
  }
  return absl::OkStatus();
}

absl::StatusOr<models::BuildOptions> ToOptions(const v1::BuildRequest& request,
                                               c10::Device device) {
  CUSP_RETURN_IF_ERROR(CheckMode(request.mode()));
  CUSP_ASSIGN_OR_RETURN(const at::ScalarType dtype, ParseDtype(request.dtype()));
  return models::BuildOptions{.attention = request.attention(),
                              .dtype = dtype,
                              .device = device,
                              .seed = request.seed(),
                              .training = request.mode() == "training",
                              .profiling = true};
}

int64_t CountParameters(const models::Model& model) {
  int64_t count = 0;
  for (const at::Tensor& parameter : model.Parameters()) {
    count += parameter.numel();
  }
  return count;
}

absl::Status UnknownVariant(int32_t variant) {
  return absl::FailedPreconditionError("variant " + std::to_string(variant) +
                                       " is not built; build it first");
}

absl::Status CheckStep(const v1::Step& step) {
  if (step.calls() < 1 || step.batch_size() < 1) {
    return absl::FailedPreconditionError("a step needs at least one call and a batch size of 1");
  }
  if (step.length() < 1 || step.reach() < 0 || step.reach() >= step.length()) {
    return absl::InvalidArgumentError("length: " + std::to_string(step.length()) +
                                      " is not positive, or not above the reach " +
                                      std::to_string(step.reach()));
  }
  return absl::OkStatus();
}

DecodePoint PointOf(const v1::Step& step) {
  return {.context = step.length(),
          .reach = step.reach(),
          .fill_tokens = step.fill_tokens(),
          .calls = step.calls(),
          .each_call = step.each_call()};
}

}  // namespace

Stepper::Stepper(c10::Device device, Timer& timer, const Clock& clock)
    : device_(device), timer_(timer), clock_(clock), inputs_(kMaxInputs) {}

absl::StatusOr<v1::BuildResponse> Stepper::Build(const v1::BuildRequest& request) {
  if (variants_.contains(request.variant())) {
    return absl::FailedPreconditionError("variant " + std::to_string(request.variant()) +
                                         " exists; drop it first");
  }
  CUSP_ASSIGN_OR_RETURN(const models::BuildOptions options, ToOptions(request, device_));
  Variant variant{.model = nullptr,
                  .optimizer = std::nullopt,
                  .decodes = request.mode() == "decode",
                  .seed = request.seed()};
  if (IsNoopConfig(request.config_json())) {
    CUSP_ASSIGN_OR_RETURN(variant.model, BuildNoopModel(request.config_json(), options, clock_));
  } else {
    CUSP_ASSIGN_OR_RETURN(variant.model, models::BuildModel(request.config_json(), options));
  }
  v1::BuildResponse response;
  if (!request.weights_path().empty()) {
    CUSP_RETURN_IF_ERROR(CheckWeights(request));
    CUSP_ASSIGN_OR_RETURN(const std::vector<std::string> notes,
                          models::LoadWeights(request.weights_path(), *variant.model));
    response.mutable_notes()->Assign(notes.begin(), notes.end());
  }
  if (options.training) {
    variant.optimizer.emplace(variant.model->Parameters());
  }
  response.set_parameters(CountParameters(*variant.model));
  variants_.emplace(request.variant(), std::move(variant));
  return response;
}

absl::StatusOr<Stepper::Variant*> Stepper::Find(const v1::Step& step) {
  const auto found = variants_.find(step.variant());
  if (found == variants_.end()) {
    return UnknownVariant(step.variant());
  }
  CUSP_RETURN_IF_ERROR(CheckStep(step));
  return &found->second;
}

absl::StatusOr<const models::Inputs*> Stepper::InputsFor(const v1::Step& step,
                                                         const Variant& variant, int64_t length) {
  return inputs_.Get({.variant = step.variant(), .length = length, .batch_size = step.batch_size()},
                     *variant.model, variant.seed);
}

absl::StatusOr<v1::StepResult> Stepper::Run(const v1::Step& step) {
  CUSP_ASSIGN_OR_RETURN(Variant* const variant, Find(step));
  if (variant->decodes) {
    return RunDecoding(step, *variant);
  }
  CUSP_ASSIGN_OR_RETURN(const models::Inputs* inputs, InputsFor(step, *variant, step.length()));
  const bool trains = variant->optimizer.has_value();
  const std::vector<int64_t> parts = trains ? RunTraining(*variant, *inputs, step.calls())
                                            : RunInference(*variant->model, *inputs, step.calls());
  v1::StepResult result;
  result.set_duration_ns(std::accumulate(parts.begin(), parts.end(), int64_t{0}));
  if (trains) {
    result.mutable_part_ns()->Assign(parts.begin(), parts.end());
  }
  result.set_attention_used(variant->model->AttentionUsed());
  return result;
}

absl::StatusOr<PartTimer::Times> Stepper::TellApart(const v1::Step& step, Variant& variant) {
  if (variant.decodes) {
    const DecodePoint point = PointOf(step);
    CUSP_ASSIGN_OR_RETURN(const models::Inputs* inputs, InputsFor(step, variant, TokensFor(point)));
    const c10::InferenceMode inference;
    return TimeDecodeComponents(*variant.model, *inputs, point, timer_);
  }
  CUSP_ASSIGN_OR_RETURN(const models::Inputs* inputs, InputsFor(step, variant, step.length()));
  AdamW* optimizer = variant.optimizer.has_value() ? &*variant.optimizer : nullptr;
  return TimeComponents(*variant.model, optimizer, *inputs, step.calls(), timer_);
}

absl::StatusOr<v1::ComponentsResponse> Stepper::Components(const v1::Step& step) {
  CUSP_ASSIGN_OR_RETURN(Variant* const variant, Find(step));
  CUSP_ASSIGN_OR_RETURN(const PartTimer::Times times, TellApart(step, *variant));
  v1::ComponentsResponse response;
  for (const PartTimer::PartTime& part : times.parts) {
    v1::PartTime& told = *response.add_parts();
    told.set_name(std::string(part.name));
    told.set_duration_ns(part.duration_ns);
  }
  response.set_whole_ns(times.whole_ns);
  response.set_attention_used(variant->model->AttentionUsed());
  return response;
}

absl::StatusOr<v1::StepResult> Stepper::RunDecoding(const v1::Step& step, Variant& variant) {
  const DecodePoint point = PointOf(step);
  CUSP_ASSIGN_OR_RETURN(const models::Inputs* inputs, InputsFor(step, variant, TokensFor(point)));
  const c10::InferenceMode inference;
  v1::StepResult result;
  if (step.first_token()) {
    CUSP_ASSIGN_OR_RETURN(const int64_t duration_ns,
                          TimeFirstToken(*variant.model, *inputs, point, timer_));
    result.set_duration_ns(duration_ns);
  } else {
    CUSP_ASSIGN_OR_RETURN(const std::vector<int64_t> durations_ns,
                          TimeDecodeSteps(*variant.model, *inputs, point, timer_));
    result.set_duration_ns(std::accumulate(durations_ns.begin(), durations_ns.end(), int64_t{0}));
    if (point.each_call) {
      result.mutable_call_ns()->Assign(durations_ns.begin(), durations_ns.end());
    }
  }
  result.set_attention_used(variant.model->AttentionUsed());
  return result;
}

std::vector<int64_t> Stepper::RunInference(models::Model& model, const models::Inputs& inputs,
                                           int calls) {
  const c10::InferenceMode inference;
  timer_.Begin(2);
  timer_.Mark();
  for (int i = 0; i < calls; ++i) {
    model.Forward(inputs);
  }
  timer_.Mark();
  return timer_.Finish();
}

std::vector<int64_t> Stepper::RunTraining(Variant& variant, const models::Inputs& inputs,
                                          int calls) {
  timer_.Begin(1 + kTrainingParts * static_cast<size_t>(calls));
  timer_.Mark();
  for (int i = 0; i < calls; ++i) {
    TrainOnce(*variant.model, *variant.optimizer, inputs, [&](TrainingPart part) {
      // The loss counts as forward.
      if (part != TrainingPart::kLoss) {
        timer_.Mark();
      }
    });
    timer_.Mark();
  }
  const std::vector<int64_t> durations = timer_.Finish();
  std::vector<int64_t> parts(kTrainingParts, 0);
  for (size_t i = 0; i < durations.size(); ++i) {
    parts[i % kTrainingParts] += durations[i];
  }
  return parts;
}

absl::Status Stepper::Drop(int32_t variant) {
  if (variants_.erase(variant) == 0) {
    return UnknownVariant(variant);
  }
  inputs_.Drop(variant);
  ReleaseMemory();
  return absl::OkStatus();
}

void Stepper::ReleaseMemory() {
  inputs_.Clear();
  for (auto& [number, variant] : variants_) {
    if (variant.optimizer.has_value()) {
      variant.optimizer->DropGradients();
    }
  }
  if (device_.is_cpu()) {
    ReleaseFreeMemory();
  } else {
    c10::getDeviceAllocator(device_.type())->emptyCache();
  }
}

}  // namespace cusp::runner
