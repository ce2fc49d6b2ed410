// One YAML document as a tree with places, read strictly: what job files must
// not hold (aliases, tags, duplicate keys, deep nesting) is a fault.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cusp::client {

// A place in a text, both counted from 1; the column in bytes.
struct YamlMark {
  int line = 1;
  int column = 1;
};

// A value. Value type.
struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  YamlMark mark;
  std::string text;     // of a scalar
  bool quoted = false;  // a scalar that is text, whatever it looks like
  std::string key;      // of an entry of a map
  YamlMark key_mark;
  std::vector<YamlNode> children;  // in the file's order

  // The entry of a map, or nullptr.
  const YamlNode* Find(std::string_view name) const;
};

struct YamlFault {
  YamlMark mark;
  std::string message;
};

// Deepest nesting that is read.
inline constexpr size_t kDeepestYaml = 32;

// Exactly one of the two is set.
struct YamlOutcome {
  std::optional<YamlFault> fault;
  std::optional<YamlNode> root;
};

// Reads one document. Time is about linear in the text and the stack bounded,
// whatever the text holds; bounding its size is the caller's part.
YamlOutcome ParseYaml(std::string_view text);

}  // namespace cusp::client
