#include "client/cli/verdict_text.h"

#include <cmath>

#include "client/cli/format.h"

namespace cusp::client {
namespace {

std::string Length(double length) { return FormatCount(std::llround(length)); }

std::string Place(const v1::Crossing& crossing, const std::string& unit) {
  return Length(crossing.length()) + unit + " (" + Length(crossing.low()) + "–" +
         Length(crossing.high()) + ")";
}

// Every change of order in turn; the unit once is enough.
std::string CrossingsText(const v1::Comparison& comparison, const std::string& unit) {
  const auto& crossings = comparison.crossings();
  if (crossings.size() == 1 && crossings[0].direction() == v1::DIRECTION_CHEAPER) {
    return "crosses at " + Place(crossings[0], unit);
  }
  std::string text;
  for (const v1::Crossing& crossing : crossings) {
    text += text.empty() ? "" : ", ";
    text += crossing.direction() == v1::DIRECTION_CHEAPER ? "cheaper from " : "dearer from ";
    text += Place(crossing, &crossing == &crossings[0] ? unit : "");
  }
  return text.empty() ? "crosses" : text;
}

std::string UndecidedText(const v1::Comparison& comparison, const std::string& unit) {
  if (comparison.range_max() == 0) {
    return "undecided: nothing to compare yet";
  }
  if (comparison.equal_lengths_size() > 0 && comparison.undecided_lengths_size() == 0) {
    return "undecided: equal within 1 %";
  }
  std::string text = "undecided";
  if (comparison.undecided_lengths_size() == 1) {
    text += " at " + FormatCount(comparison.undecided_lengths(0)) + unit;
  } else if (comparison.undecided_lengths_size() > 1) {
    text += " at " + std::to_string(comparison.undecided_lengths_size()) + " lengths, " +
            FormatCount(*comparison.undecided_lengths().begin()) + " to " +
            FormatCount(*comparison.undecided_lengths().rbegin()) + unit;
  }
  return text;
}

}  // namespace

std::string VerdictText(const v1::Comparison& comparison, const std::string& unit) {
  const std::string spaced = unit.empty() ? "" : " " + unit;
  switch (comparison.verdict()) {
    case v1::VERDICT_CROSSES:
      return CrossingsText(comparison, spaced);
    case v1::VERDICT_ALWAYS:
      return "always cheaper from " + FormatCount(comparison.range_min()) + " to " +
             FormatCount(comparison.range_max()) + spaced;
    case v1::VERDICT_NEVER:
      return "never cheaper up to " + FormatCount(comparison.range_max()) + spaced;
    default:
      return UndecidedText(comparison, spaced);
  }
}

}  // namespace cusp::client
