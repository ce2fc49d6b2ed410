// From the tree of a job file to its variants.
#pragma once

#include <string>

#include "client/lib/yaml_tree.h"
#include "client/lib/yaml_values.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::client {

// Adds each entry of the list `node`, the name of a model or a map, to `variants`.
// Paths of configurations and weights count from `folder`.
MaybeFault TakeVariants(const YamlNode& node, const std::string& folder,
                        google::protobuf::RepeatedPtrField<v1::VariantSpec>& variants);

}  // namespace cusp::client
