// Inputs that are no tokens: waveforms and images.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/models/model.h"

namespace cusp::models {

// Whether `inputs` hold floating-point `name` and besides it only some of `others`.
// INVALID_ARGUMENT names what is missing or not taken.
absl::Status CheckSignal(const Inputs& inputs, const std::string& name,
                         const std::set<std::string>& others);

// "[2, 3, 4] of Float".
std::string ShapeAndType(const at::Tensor& x);

// Standard normal values in the model's type and on its device; the first size is
// the batch. INVALID_ARGUMENT for a batch below 1.
absl::StatusOr<at::Tensor> RandomSignal(at::IntArrayRef sizes, const BuildOptions& build,
                                        uint64_t seed);

}  // namespace cusp::models
