// From the tree of a job file to the message, field by field.
#pragma once

#include <optional>
#include <string>

#include "client/lib/yaml_tree.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::client {

// Takes every field of `root` into `spec`. The first fault of keys, types and
// enumerations is returned; whether the values make a job is catalog::CheckJob's
// question. Reads the configuration files that the job names, and hashes its
// weights; relative paths count from `folder`.
std::optional<YamlFault> TakeJobFields(const YamlNode& root, const std::string& folder,
                                       v1::JobSpec& spec);

}  // namespace cusp::client
