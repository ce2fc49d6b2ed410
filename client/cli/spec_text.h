// What a job file asks for, in words.
#pragma once

#include <string>

#include "cusp/v1/spec.pb.h"

namespace cusp::client {

// A few lines: variants, lengths, sweeps and comparisons. Pure.
std::string RenderSpec(const v1::JobSpec& spec);

}  // namespace cusp::client
