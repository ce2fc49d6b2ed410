#include "common/strict_json.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace cusp {

StrictJson ParseStrictJson(std::string_view text, int deepest) {
  using Json = nlohmann::json;
  StrictJson result;
  int reached = 0;
  std::vector<std::set<std::string>> seen;
  // Depth is known before a value is built, and what is too deep is dropped.
  const Json::parser_callback_t watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    reached = std::max(reached, depth);
    if (event == Json::parse_event_t::object_start) {
      seen.emplace_back();
    } else if (event == Json::parse_event_t::object_end && !seen.empty()) {
      seen.pop_back();
    } else if (event == Json::parse_event_t::key && !seen.empty()) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!seen.back().insert(key).second && result.fault == JsonFault::kNone) {
        result.fault = JsonFault::kDuplicateKey;
        result.duplicate = key;
      }
    }
    return depth <= deepest;
  };
  Json value = Json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (reached > deepest) {
    result.fault = JsonFault::kTooDeep;
  } else if (value.is_discarded()) {
    result.fault = JsonFault::kSyntax;
  } else if (result.fault == JsonFault::kNone) {
    result.value = std::move(value);
  }
  return result;
}

}  // namespace cusp
