// Brings the weights that a job names onto this machine.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/unique_fd.h"
#include "cusp/v1/spec.pb.h"
#include "worker/daemon/coordinator.h"
#include "worker/daemon/weights_cache.h"

namespace cusp::worker {

// Files of the cache that stay there as long as this lives.
struct FetchedWeights {
  std::vector<UniqueFd> pins;
  std::vector<WeightsCache::View> views;
};

// Puts the weights of each variant that the coordinator has into the cache, and their paths
// into `spec`; those that it has not are left where `spec` says, since they may lie on this
// machine. A broken transfer goes on where it was, and a coordinator that is away is waited
// for until `given_up` says so: CANCELLED then. DATA_LOSS where bytes come that have another
// hash; RESOURCE_EXHAUSTED (disk full) and others of files.
absl::StatusOr<FetchedWeights> FetchWeights(v1::JobSpec& spec, Coordinator& coordinator,
                                            const WeightsCache& cache,
                                            const std::function<bool()>& given_up);

}  // namespace cusp::worker
