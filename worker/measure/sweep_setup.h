// A sweep's variants, as the runner is told of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/job_check.h"
#include "cusp/runner/v1/runner.pb.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::measure {

// What is measured, and where.
struct SweepTarget {
  v1::JobSpec spec;
  v1::Mode mode = v1::MODE_UNSPECIFIED;
  v1::DType dtype = v1::DTYPE_UNSPECIFIED;
  std::string device;              // "cpu" or "cuda:0"
  int64_t memory_limit_bytes = 0;  // of a runner on a CPU; 0: none
};

// Variants are numbered as in the job: baselines first, then candidates.
// Immutable once made.
struct SweepSetup {
  SweepTarget target;
  std::vector<catalog::ResolvedVariant> variants;
  // (baseline, candidate), each with each.
  std::vector<std::pair<size_t, size_t>> pairs;
  runner::v1::StartRequest start;
  std::vector<runner::v1::BuildRequest> builds;

  // Number of the variant of that name; variants.size() where there is none.
  size_t IndexOf(const std::string& name) const;
};

// INVALID_ARGUMENT for a bad job.
absl::StatusOr<SweepSetup> MakeSweepSetup(SweepTarget target);

}  // namespace cusp::measure
