// Files that a job file names.
#pragma once

#include <string>

#include "client/lib/yaml_tree.h"
#include "client/lib/yaml_values.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::client {

// Puts the content of the config.json that `node` names into `variant`; a
// relative path counts from `folder`. A text that begins with a brace is the content
// itself. At most 64 KiB of JSON.
MaybeFault TakeConfigFile(const YamlNode& node, const std::string& folder,
                          v1::VariantSpec& variant);

// Puts the absolute path of the weights that `node` names into `variant`, and
// their SHA-256, for which all of them is read.
MaybeFault TakeWeightsFile(const YamlNode& node, const std::string& folder,
                           v1::VariantSpec& variant);

}  // namespace cusp::client
