#include "client/lib/yaml_values.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "catalog/catalog.h"
#include "catalog/quote.h"

namespace cusp::client {
namespace {

using catalog::Quoted;

std::string Shown(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "empty";
    case YamlNode::Kind::kScalar:
      return Quoted(node.text);
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
  }
  return "";
}

YamlFault Wrong(const YamlNode& node, const std::string& what, const std::string& remedy) {
  return {node.mark, what + " is " + Shown(node) + "; " + remedy};
}

// The whole text as a number; no leading '+', no spaces.
template <typename T>
std::errc Parse(std::string_view text, T& out) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  const auto result = std::from_chars(text.data(), text.data() + text.size(), out);
  if (result.ec == std::errc() && result.ptr != text.data() + text.size()) {
    return std::errc::invalid_argument;
  }
  return result.ec;
}

std::string Listed(std::span<const std::string_view> known) {
  std::string list;
  for (const std::string_view one : known) {
    list += (list.empty() ? "" : ", ") + std::string(one);
  }
  return list;
}

// One "<number><unit>" from the front of `text`; 0 where there is none.
int64_t TakeSpan(std::string_view& text, size_t& next_unit) {
  constexpr std::array<std::pair<char, int64_t>, 4> units = {
      {{'d', 86'400}, {'h', 3600}, {'m', 60}, {'s', 1}}};
  int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto digits = static_cast<size_t>(parsed.ptr - text.data());
  if (parsed.ec != std::errc() || number < 0 || number > 1'000'000 || digits >= text.size()) {
    return 0;
  }
  for (; next_unit < units.size(); ++next_unit) {
    if (text[digits] == units[next_unit].first) {
      text.remove_prefix(digits + 1);
      return number * units[next_unit++].second;
    }
  }
  return 0;
}

}  // namespace

MaybeFault TakeText(const YamlNode& node, const std::string& what, std::string& out) {
  if (node.kind != YamlNode::Kind::kScalar) {
    return Wrong(node, what, "write a text");
  }
  out = node.text;
  return std::nullopt;
}

MaybeFault TakeInteger(const YamlNode& node, const std::string& what, int64_t low, int64_t high,
                       int64_t& out) {
  const std::string range = std::to_string(low) + " to " + std::to_string(high);
  std::errc error = std::errc::invalid_argument;
  if (node.kind == YamlNode::Kind::kScalar && !node.quoted) {
    error = Parse(node.text, out);
  }
  if (error == std::errc::invalid_argument) {
    return Wrong(node, what, "write a whole number");
  }
  if (error == std::errc::result_out_of_range || out < low || out > high) {
    return Wrong(node, what, "use " + range);
  }
  return std::nullopt;
}

MaybeFault TakeUnsigned(const YamlNode& node, const std::string& what, uint64_t& out) {
  if (node.kind != YamlNode::Kind::kScalar || node.quoted || Parse(node.text, out) != std::errc()) {
    return Wrong(node, what, "write a whole number from 0 to 18446744073709551615");
  }
  return std::nullopt;
}

MaybeFault TakeNumber(const YamlNode& node, const std::string& what, double& out) {
  if (node.kind != YamlNode::Kind::kScalar || node.quoted || Parse(node.text, out) != std::errc() ||
      !std::isfinite(out)) {
    return Wrong(node, what, "write a number");
  }
  return std::nullopt;
}

MaybeFault TakeBoolean(const YamlNode& node, const std::string& what, bool& out) {
  if (node.kind != YamlNode::Kind::kScalar || node.quoted ||
      (node.text != "true" && node.text != "false")) {
    return Wrong(node, what, "write true or false");
  }
  out = node.text == "true";
  return std::nullopt;
}

MaybeFault TakeDuration(const YamlNode& node, const std::string& what,
                        google::protobuf::Duration& out) {
  const std::string remedy = "write a time like 90s, 10m or 1h30m";
  if (node.kind != YamlNode::Kind::kScalar || node.text.empty()) {
    return Wrong(node, what, remedy);
  }
  std::string_view rest = node.text;
  size_t next_unit = 0;
  int64_t seconds = 0;
  while (!rest.empty()) {
    const size_t before = rest.size();
    seconds += TakeSpan(rest, next_unit);
    if (rest.size() == before) {
      return Wrong(node, what, remedy);
    }
  }
  out.set_seconds(seconds);
  return std::nullopt;
}

MaybeFault TakeWord(const YamlNode& node, const std::string& what,
                    std::span<const std::string_view> known, std::string& out) {
  if (node.kind != YamlNode::Kind::kScalar) {
    return Wrong(node, what, "write one of: " + Listed(known));
  }
  for (const std::string_view one : known) {
    if (one == node.text) {
      out = node.text;
      return std::nullopt;
    }
  }
  if (const std::string nearest = catalog::NearestOf(node.text, known); !nearest.empty()) {
    return YamlFault{node.mark,
                     "unknown " + what + " " + Shown(node) + "; did you mean '" + nearest + "'?"};
  }
  return YamlFault{node.mark,
                   "unknown " + what + " " + Shown(node) + "; write one of: " + Listed(known)};
}

MaybeFault WantList(const YamlNode& node, const std::string& what) {
  if (node.kind == YamlNode::Kind::kSequence) {
    return std::nullopt;
  }
  return Wrong(node, what, "write a list in brackets: [a, b]");
}

MaybeFault WantMap(const YamlNode& node, const std::string& what) {
  if (node.kind == YamlNode::Kind::kMap) {
    return std::nullopt;
  }
  return Wrong(node, what, "write keys and values");
}

YamlFault UnknownKey(const YamlNode& entry, const std::string& what,
                     std::span<const std::string_view> known) {
  const std::string message = "unknown key " + Quoted(entry.key) + " in " + what;
  if (const std::string nearest = catalog::NearestOf(entry.key, known); !nearest.empty()) {
    return {entry.key_mark, message + "; did you mean '" + nearest + "'?"};
  }
  return {entry.key_mark, message + "; known are " + Listed(known)};
}

MaybeFault TakeEntries(const YamlNode& node, const std::string& what,
                       std::span<const std::string_view> known,
                       const std::function<MaybeFault(const YamlNode&)>& take) {
  if (auto fault = WantMap(node, what)) {
    return fault;
  }
  for (const YamlNode& entry : node.children) {
    bool is_known = false;
    for (const std::string_view one : known) {
      is_known = is_known || one == entry.key;
    }
    if (!is_known) {
      return UnknownKey(entry, what, known);
    }
    if (entry.kind == YamlNode::Kind::kNull) {
      return YamlFault{entry.key_mark,
                       entry.key + " has no value; write one, or leave the key out"};
    }
    if (auto fault = take(entry)) {
      return fault;
    }
  }
  return std::nullopt;
}

nlohmann::json ToJson(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::kNull) {
    return nullptr;
  }
  if (node.kind == YamlNode::Kind::kSequence) {
    auto list = nlohmann::json::array();
    for (const YamlNode& child : node.children) {
      list.push_back(ToJson(child));
    }
    return list;
  }
  if (node.kind == YamlNode::Kind::kMap) {
    auto object = nlohmann::json::object();
    for (const YamlNode& child : node.children) {
      object[child.key] = ToJson(child);
    }
    return object;
  }
  int64_t integer = 0;
  double number = 0;
  if (node.quoted) {
    return node.text;
  }
  if (node.text == "true" || node.text == "false") {
    return node.text == "true";
  }
  if (Parse(node.text, integer) == std::errc()) {
    return integer;
  }
  if (Parse(node.text, number) == std::errc() && std::isfinite(number)) {
    return number;
  }
  return node.text;
}

}  // namespace cusp::client
