// JSON from others, where a key that occurs twice or endless nesting is a fault.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace cusp {

enum class JsonFault { kNone, kTooDeep, kSyntax, kDuplicateKey };

struct StrictJson {
  JsonFault fault = JsonFault::kNone;
  nlohmann::json value = {};  // null where there is a fault
  std::string duplicate = {};
};

// Time and memory are linear in the text. No value lies in more than `deepest` arrays
// and objects. Of several faults, the first in the enumeration.
StrictJson ParseStrictJson(std::string_view text, int deepest);

}  // namespace cusp
