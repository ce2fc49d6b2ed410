// The bytes of a YAML file, before any parser sees them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/lib/yaml_tree.h"

namespace cusp::client {

// Puts the text to parse into `clean`, with the places of `text`; or returns
// the first fault: bytes that are no UTF-8, control characters, tabs that
// indent. A text that begins with a brace is JSON, where tabs may indent.
// About linear.
std::optional<YamlFault> CleanYamlText(std::string_view text, std::string& clean);

}  // namespace cusp::client
