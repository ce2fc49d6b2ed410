// Settings of the host's memory allocator; docs/adr/0003-cpu-allocator.md.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "cusp/runner/v1/runner.pb.h"

namespace cusp::runner {

// Fixes glibc's settings for the whole process and returns them as text, for
// the record of what was measured. Called once, before threads start.
std::string FixAllocator(v1::StartRequest::Purpose purpose);

// Gives memory that nothing uses back to the system: after a step failed for
// lack of it, what is left may lie in pieces.
void ReleaseFreeMemory();

// Limits the process's data (heap and private mappings) to `bytes`, so that
// exhaustion becomes an error of one allocation and not the kernel's killer.
// Large tensors leave 64 MiB of it to everything else. Called at most once with
// a limit; without effect in a build with the address sanitizer. INVALID_ARGUMENT
// where `bytes` is negative or the process already holds nearly that much.
absl::Status LimitData(int64_t bytes);

}  // namespace cusp::runner
