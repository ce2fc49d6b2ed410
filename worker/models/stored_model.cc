#include "worker/models/stored_model.h"

#include "absl/strings/str_cat.h"

namespace cusp::models {
namespace {

double InitializerRange(const Config& config) {
  return config.values().value("initializer_range", 0.02);
}

}  // namespace

StoredModel::StoredModel(const Config& config, const BuildOptions& build)
    : build_(build),
      limits_(config.limits()),
      quantum_(config.quantum()),
      store_({.dtype = build.dtype,
              .device = build.device,
              .seed = build.seed,
              .initializer_range = InitializerRange(config),
              .training = build.training,
              .share_layers = config.Axis("share_layers"),
              .checkpointing = config.Axis("checkpointing")}) {}

absl::Status StoredModel::CheckLength(int64_t length) const {
  if (length >= limits_.min && length <= limits_.max) {
    return absl::OkStatus();
  }
  const std::string& reason = length < limits_.min ? limits_.min_reason : limits_.max_reason;
  return absl::InvalidArgumentError(absl::StrCat("length ", length, " is out of range; from ",
                                                 limits_.min, " to ", limits_.max,
                                                 reason.empty() ? "" : ": ", reason));
}

std::vector<std::pair<std::string, at::Tensor>> StoredModel::NamedTensors() const {
  return store_.tensors();
}

std::vector<at::Tensor> StoredModel::Parameters() const { return store_.parameters(); }

}  // namespace cusp::models
