// Which attention kernel a model gets.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/self_attention.h"
#include "worker/models/model.h"

namespace cusp::models {

// The backend that `build` asks for, if it can run for heads of this shape.
// INVALID_ARGUMENT with the reason.
absl::StatusOr<AttentionBackend> ChooseBackend(const AttentionShape& shape,
                                               const BuildOptions& build);

// For models that have no fused kernel. INVALID_ARGUMENT unless `attention` is eager.
absl::Status RequireEager(const BuildOptions& build, const std::string& model_type);

}  // namespace cusp::models
