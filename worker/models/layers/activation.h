// Activation functions by the names that configurations use.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace cusp::models {

enum class Activation {
  kGelu,
  kGeluTanh,
  kGeluClipped,
  kHardSwish,
  kLeakyRelu,
  kLinear,
  kMish,
  kQuickGelu,
  kRelu,
  kRelu6,
  kReluSquared,
  kSigmoid,
  kSilu,
  kTanh,
};

// INVALID_ARGUMENT lists the known names.
absl::StatusOr<Activation> ActivationByName(std::string_view name);
std::vector<std::string> ActivationNames();
// For a name that the catalog has checked; an unknown one is a programming error.
Activation ActivationOf(std::string_view name);

// Overwrites `x` where no gradient needs it, so the argument is spent.
at::Tensor Activate(Activation activation, at::Tensor x);

}  // namespace cusp::models
