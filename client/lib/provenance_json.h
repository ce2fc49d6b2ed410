// Provenance as the JSON that scripts read.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cusp/v1/measurement.pb.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::client {

// Its fields by their names in the protocol, without conditions.
nlohmann::ordered_json ProvenanceToJson(const v1::Provenance& provenance);

// The same of a sweep of that job: with the seed and, where known, how its measuring
// began: start_time, load_average, runnable_threads, device_processes, and for each variant
// the hash of its configuration and weights_sha256, null where weights come from the seed.
nlohmann::ordered_json ProvenanceToJson(const v1::Provenance& provenance, const v1::JobSpec& spec);

// The variant of that name; nullptr where the job has none.
const v1::VariantSpec* FindVariant(const v1::JobSpec& spec, const std::string& name);

}  // namespace cusp::client
