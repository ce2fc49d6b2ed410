// Settings and facts of the process and the device it measures on.
#pragma once

#include <c10/core/Device.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cusp/runner/v1/runner.pb.h"

namespace cusp::runner {

// Opens "cpu" or "cuda:N". For CUDA this loads LibTorch's CUDA library, so it
// must come before the first other use of ATen. INVALID_ARGUMENT where the name
// is unknown or the device is not there, with the remedy.
absl::StatusOr<c10::Device> OpenDevice(const std::string& name);

// Sets threads (0: all allowed CPUs) and number settings (TF32, reduced
// precision and algorithm search off), starts the thread pool, and runs small
// operations so that kernels that LibTorch loads on demand are in memory.
// INVALID_ARGUMENT for an impossible number of threads.
absl::Status WarmProcess(c10::Device device, int threads);

// Everything of StartResponse but the allocator's settings.
absl::StatusOr<v1::StartResponse> DescribeProcess(c10::Device device);

}  // namespace cusp::runner
