#include "client/cli/verdict_text.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "catalog/job_check.h"
#include "client/cli/format.h"
#include "client/cli/text_table.h"

namespace cusp::client {
namespace {

// A ratio as per cent beyond 1: "+0.2".
std::string Difference(double ratio) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%+.1f", 100 * (ratio - 1));
  return text.data();
}

class VerdictWriter {
 public:
  VerdictWriter(const v1::Comparison& comparison, const JobLengths& lengths)
      : comparison_(comparison), lengths_(lengths) {
    const std::string unit = catalog::ToText(lengths.unit);
    unit_ = unit.empty() ? "" : " " + unit;
  }

  std::string Write() const {
    switch (comparison_.verdict()) {
      case v1::VERDICT_CROSSES:
        return Crossings();
      case v1::VERDICT_ALWAYS:
        return "always cheaper from " + Length(comparison_.range_min()) + " to " +
               Length(comparison_.range_max()) + unit_ + Tokens(comparison_.range_max());
      case v1::VERDICT_NEVER:
        return "never cheaper up to " + Length(comparison_.range_max()) + unit_ +
               Tokens(comparison_.range_max());
      default:
        return Undecided();
    }
  }

 private:
  std::string Length(double length) const { return FormatLength(length, lengths_.unit); }
  std::string Length(int64_t length) const { return Length(static_cast<double>(length)); }

  // " = 162 tokens"; where candidate and baseline make other numbers of them, both in
  // the order of the costs: " = 3,136 / 901 tokens". Empty where lengths are tokens.
  std::string Tokens(int64_t length) const {
    const auto candidate = lengths_.tokens.At(comparison_.candidate(), length);
    const auto baseline = lengths_.tokens.At(comparison_.baseline(), length);
    if (!candidate || !baseline) {
      return "";
    }
    const std::string both = candidate == baseline ? "" : FormatCount(*candidate) + " / ";
    return " = " + both + FormatCount(*baseline) + " tokens";
  }

  std::string Place(const v1::Crossing& crossing, const std::string& unit) const {
    return Length(crossing.length()) + unit + " (" + Length(crossing.low()) + "–" +
           Length(crossing.high()) + ")" + Tokens(std::llround(crossing.length()));
  }

  // Every change of order in turn; the unit once is enough.
  std::string Crossings() const {
    const auto& crossings = comparison_.crossings();
    if (crossings.size() == 1 && crossings[0].direction() == v1::DIRECTION_CHEAPER) {
      return "crosses at " + Place(crossings[0], unit_);
    }
    std::string text;
    for (const v1::Crossing& crossing : crossings) {
      text += text.empty() ? "" : ", ";
      text += crossing.direction() == v1::DIRECTION_CHEAPER ? "cheaper from " : "dearer from ";
      text += Place(crossing, &crossing == &crossings[0] ? unit_ : "");
    }
    return text.empty() ? "crosses" : text;
  }

  std::string Undecided() const {
    if (comparison_.range_max() == 0) {
      return "undecided: nothing to compare yet";
    }
    const auto& unsure = comparison_.undecided_lengths();
    if (comparison_.equal_lengths_size() > 0 && unsure.empty()) {
      return "undecided: equal within 1 %";
    }
    std::string text = "undecided";
    if (unsure.size() == 1) {
      text += " at " + Length(unsure[0]) + unit_;
    } else if (unsure.size() > 1) {
      text += " at " + std::to_string(unsure.size()) + " lengths, " + Length(unsure[0]) + " to " +
              Length(unsure[unsure.size() - 1]) + unit_;
    }
    return text;
  }

  const v1::Comparison& comparison_;
  const JobLengths& lengths_;
  std::string unit_;  // with a space before it
};

}  // namespace

std::string VerdictText(const v1::Comparison& comparison, const JobLengths& lengths) {
  return VerdictWriter(comparison, lengths).Write();
}

std::string SelfCheckText(const v1::SelfCheck& check, const JobLengths& lengths) {
  const std::string unit = catalog::ToText(lengths.unit);
  return Printable(check.variant()) + " against itself at " +
         FormatLength(static_cast<double>(check.length()), lengths.unit) +
         (unit.empty() ? "" : " " + unit) + ": " + Difference(check.median_ratio()) + " % (" +
         Difference(check.low()) + " to " + Difference(check.high()) + " %), " +
         (check.differs() ? "a difference where there is none: measure again on a quiet machine"
                          : "no difference");
}

std::string OutcomeText(v1::Outcome outcome) {
  switch (outcome) {
    case v1::OUTCOME_OUT_OF_MEMORY:
      return "oom";
    case v1::OUTCOME_CRASHED:
      return "crashed";
    case v1::OUTCOME_TIMED_OUT:
      return "timed out";
    default:
      return "invalid";
  }
}

}  // namespace cusp::client
