#include "client/lib/length_fields.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "catalog/job_check.h"
#include "catalog/lengths.h"
#include "catalog/quote.h"

namespace cusp::client {
namespace {

constexpr std::array<std::string_view, 5> kLengthKeys = {"min", "max", "unit", "quantum", "list"};

// A length in the unit of `lengths`, as base units.
MaybeFault TakeLength(const YamlNode& node, const std::string& what, const v1::LengthSpec& lengths,
                      int64_t& out) {
  const v1::LengthUnit unit = lengths.unit();
  const int64_t longest = catalog::LongestLength(unit);
  if (unit == v1::LENGTH_UNIT_TOKENS || unit == v1::LENGTH_UNIT_PIXELS) {
    return TakeInteger(node, what, 1, longest, out);
  }
  double number = 0;
  if (auto fault = TakeNumber(node, what, number)) {
    return fault;
  }
  out = catalog::FromUnit(number, unit);
  if (unit == v1::LENGTH_UNIT_UNSPECIFIED) {
    // No model is known: that is the fault to tell, wherever it stands.
    out = std::clamp<int64_t>(out, 1, longest);
  }
  if (out >= 1 && out <= longest) {
    return std::nullopt;
  }
  return YamlFault{node.mark, what + " is " + catalog::Quoted(node.text) + "; use " +
                                  catalog::LengthText(1, unit) + " to " +
                                  catalog::LengthText(longest, unit)};
}

MaybeFault TakeLengthList(const YamlNode& node, v1::LengthSpec& lengths) {
  if (auto fault = WantList(node, "lengths.list")) {
    return fault;
  }
  for (const YamlNode& item : node.children) {
    int64_t length = 0;
    if (auto fault = TakeLength(item, "a length", lengths, length)) {
      return fault;
    }
    lengths.add_list(length);
  }
  if (node.children.empty()) {
    return YamlFault{node.mark, "the list of lengths is empty; list some, or give min and max"};
  }
  return std::nullopt;
}

MaybeFault TakeLengthEntry(const YamlNode& entry, v1::LengthSpec& lengths) {
  int64_t number = 0;
  if (entry.key == "unit") {
    return std::nullopt;
  }
  if (entry.key == "list") {
    return TakeLengthList(entry, lengths);
  }
  if (auto fault = TakeLength(entry, entry.key, lengths, number)) {
    return fault;
  }
  if (entry.key == "quantum") {
    lengths.set_quantum(number);
  } else {
    entry.key == "min" ? lengths.set_min(number) : lengths.set_max(number);
  }
  return std::nullopt;
}

// The unit that all other lengths are read in: as said, or that of the models.
MaybeFault TakeUnit(const YamlNode& node, v1::JobSpec& spec) {
  const YamlNode* said = node.Find("unit");
  v1::LengthUnit unit = catalog::UnitOf(spec);
  if (said != nullptr && said->kind != YamlNode::Kind::kNull) {
    std::string text;
    if (auto fault = TakeWord(*said, "unit", catalog::LengthUnitTexts(), text)) {
      return fault;
    }
    unit = catalog::LengthUnitFromText(text);
  }
  spec.mutable_lengths()->set_unit(unit);
  return std::nullopt;
}

}  // namespace

MaybeFault TakeLengths(const YamlNode& node, v1::JobSpec& spec) {
  if (auto fault = TakeUnit(node, spec)) {
    return fault;
  }
  v1::LengthSpec& lengths = *spec.mutable_lengths();
  auto fault = TakeEntries(node, "lengths", kLengthKeys,
                           [&](const YamlNode& entry) { return TakeLengthEntry(entry, lengths); });
  if (fault || node.Find("list") != nullptr) {
    return fault;
  }
  for (const char* key : {"min", "max"}) {
    if (node.Find(key) == nullptr) {
      return YamlFault{node.key_mark,
                       "lengths has no " + std::string(key) + "; write {min: 64, max: 4096}"};
    }
  }
  return std::nullopt;
}

}  // namespace cusp::client
