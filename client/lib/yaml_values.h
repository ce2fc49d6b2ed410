// Typed values out of a tree, with faults that say what to write instead.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "client/lib/yaml_tree.h"
#include "google/protobuf/duration.pb.h"

namespace cusp::client {

// Each takes the value of `node`, which faults call `what`. nullopt: taken.
using MaybeFault = std::optional<YamlFault>;

// Any scalar, as it is written.
MaybeFault TakeText(const YamlNode& node, const std::string& what, std::string& out);
// A whole number within [low, high], in decimal digits.
MaybeFault TakeInteger(const YamlNode& node, const std::string& what, int64_t low, int64_t high,
                       int64_t& out);
MaybeFault TakeUnsigned(const YamlNode& node, const std::string& what, uint64_t& out);
// A finite number.
MaybeFault TakeNumber(const YamlNode& node, const std::string& what, double& out);
// true or false.
MaybeFault TakeBoolean(const YamlNode& node, const std::string& what, bool& out);
// "90s", "10m", "1h30m", "2d": units once each, from large to small.
MaybeFault TakeDuration(const YamlNode& node, const std::string& what,
                        google::protobuf::Duration& out);
// One of `known`, with the nearest named where it is none.
MaybeFault TakeWord(const YamlNode& node, const std::string& what,
                    std::span<const std::string_view> known, std::string& out);

// That `node` is a list, or a map.
MaybeFault WantList(const YamlNode& node, const std::string& what);
MaybeFault WantMap(const YamlNode& node, const std::string& what);

// The fault of a key of `what` that is none of `known`.
YamlFault UnknownKey(const YamlNode& entry, const std::string& what,
                     std::span<const std::string_view> known);

// Hands each entry of the map `node`, which faults call `what`, to `take`, in the file's
// order; `take` answers for the keys in `known`. Other keys, and keys without a value, are
// faults.
MaybeFault TakeEntries(const YamlNode& node, const std::string& what,
                       std::span<const std::string_view> known,
                       const std::function<MaybeFault(const YamlNode&)>& take);

// The same value as JSON: plain scalars become numbers and booleans where they
// look so.
nlohmann::json ToJson(const YamlNode& node);

}  // namespace cusp::client
