// From the tree of a job file to its lengths.
#pragma once

#include "client/lib/yaml_tree.h"
#include "client/lib/yaml_values.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::client {

// Takes the map `node` into spec.lengths, in base units of the unit that it names, or else
// of the spec's variants, which must be there.
MaybeFault TakeLengths(const YamlNode& node, v1::JobSpec& spec);

}  // namespace cusp::client
