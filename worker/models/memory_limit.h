// Refuses what this machine cannot hold, before anything is allocated.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "worker/models/model.h"

namespace cusp::models {

// `parameter_bytes` against the machine's memory: training holds gradients too.
// INVALID_ARGUMENT gives both numbers and `sizes`, the keys to make smaller. A
// device other than the CPU answers for itself when it runs out.
absl::Status CheckMemory(double parameter_bytes, const BuildOptions& build,
                         const std::string& sizes);

}  // namespace cusp::models
