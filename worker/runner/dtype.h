// Number types by the names that requests use.
#pragma once

#include <c10/core/ScalarType.h>

#include <string>

#include "absl/status/statusor.h"

namespace cusp::runner {

// INVALID_ARGUMENT for anything but float32, bfloat16 and float16.
absl::StatusOr<at::ScalarType> ParseDtype(const std::string& name);

}  // namespace cusp::runner
