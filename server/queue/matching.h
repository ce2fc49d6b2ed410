// Which sweep may go to which worker. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/queue/records.h"

namespace cusp::server {

// Every `device` of a job that this worker satisfies: "auto", the kind of its
// device ("cpu", "cuda"), and its device class.
std::vector<std::string> DevicesServedBy(const Worker& worker);

// Whether the worker may measure a job that asks for `device`.
bool Serves(const Worker& worker, std::string_view device);

// Whether blocks measured under `provenance` may be counted by this worker, as
// far as its registration tells: same device class, device, host and version,
// where both name them. The whole provenance is compared when its first blocks
// arrive.
bool MayResume(const Provenance& provenance, const Worker& worker);

// What the first blocks of an attempt mean for the sweep's generation.
enum class ProvenanceDecision {
  kKeep,     // measured where the generation was
  kAdopt,    // the generation has no blocks yet and takes this provenance
  kRestart,  // not comparable: the attempt ends, the sweep starts a generation
};
ProvenanceDecision DecideProvenance(bool same_as_generation, int64_t blocks_committed);

}  // namespace cusp::server
