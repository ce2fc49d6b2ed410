// Between protocol messages and the structs of store: blocks, samples, results.
#pragma once

#include "absl/status/statusor.h"
#include "cusp/v1/measurement.pb.h"
#include "cusp/v1/result.pb.h"
#include "server/queue/records.h"
#include "server/store/blocks.h"
#include "server/store/results.h"

namespace cusp::server {

v1::Block ToProto(const Block& block);
// With the sweep's mode and number type.
v1::Comparison ToProto(const Comparison& comparison, const Sweep& sweep);
// Adds comparisons, costs and A/A check of a sweep to a job's.
void AppendResult(const SweepResult& result, const Sweep& sweep, v1::JobResult* out);

// From outside, checked: INVALID_ARGUMENT names the place. Texts are cut at 4 KiB.
absl::StatusOr<Block> FromProto(const v1::Block& block);
absl::StatusOr<SweepResult> FromProto(const v1::SweepResult& result);

}  // namespace cusp::server
