// The files of weights that a job names and that lie on this machine.
#pragma once

#include <string>
#include <vector>

#include "cusp/v1/spec.pb.h"

namespace cusp::worker {

// Of every variant, with the shards of an index; those that are not there are left out.
std::vector<std::string> WeightsFilesOf(const v1::JobSpec& spec);

}  // namespace cusp::worker
