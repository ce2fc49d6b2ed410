// A job's spec as the job file that asks for it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cusp/v1/spec.pb.h"

namespace cusp::client {

// The job file as JSON. ParseJobFile() gives the same spec of it, once its defaults are
// filled in, as long as weights files lie where they lay; of the budget whole seconds count.
nlohmann::ordered_json JobFileJson(const v1::JobSpec& spec);

// The same as YAML, a key on each line and each variant on its own.
std::string JobFileText(const v1::JobSpec& spec);

}  // namespace cusp::client
