// Where and with what a job was measured, as people read it.
#pragma once

#include <string>

#include "cusp/v1/job.pb.h"

namespace cusp::client {

// A block for each sweep that a worker took: when, on which device and host, with which
// versions and settings, and for each variant its configuration and weights. Pure.
std::string RenderProvenance(const v1::Job& job);

}  // namespace cusp::client
