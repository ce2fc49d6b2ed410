// From exceptions and statuses to the typed failures of the runner's protocol.
#pragma once

#include <exception>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "cusp/runner/v1/runner.pb.h"

namespace cusp::runner {

// Runs `body` and turns whatever it throws into a status. The runner's top
// frames, one for each request and one for each step of a run, are the only
// callers, so that nothing below them catches exceptions of LibTorch.
absl::Status RunCaught(absl::FunctionRef<absl::Status()> body);

// RESOURCE_EXHAUSTED for memory that could not be had (also where LibTorch
// reports it as a plain error), UNIMPLEMENTED for an operation that the device
// or number type lacks, INTERNAL for the rest. Messages carry no backtrace.
absl::Status StatusOfException(const std::exception_ptr& exception);

// RESOURCE_EXHAUSTED is OUT_OF_MEMORY; INVALID_ARGUMENT, NOT_FOUND, DATA_LOSS,
// PERMISSION_DENIED and UNIMPLEMENTED are INVALID_CONFIG; FAILED_PRECONDITION
// is BAD_REQUEST; all others are INTERNAL. `status` is not OK.
v1::Failure ToFailure(const absl::Status& status);

}  // namespace cusp::runner
