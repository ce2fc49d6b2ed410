#include "analysis/stop_note.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdio>

#include "analysis/crossings.h"

namespace cusp::analysis {
namespace {

std::string Percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
  return text;
}

std::string Length(int64_t length, const RefineOptions& options) {
  std::array<char, 64> text{};
  const double number = static_cast<double>(length) / static_cast<double>(options.per_unit);
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  return {text.data(), end};
}

// At most five of them, then how many more.
std::string Listed(const std::vector<int64_t>& lengths, const RefineOptions& options) {
  constexpr size_t kMost = 5;
  std::string text;
  for (size_t i = 0; i < std::min(lengths.size(), kMost); ++i) {
    text += (i == 0 ? "" : ", ") + Length(lengths[i], options);
  }
  if (lengths.size() > kMost) {
    text += " and " + std::to_string(lengths.size() - kMost) + " more";
  }
  return text;
}

// Of bytes, the only exact costs that have one.
std::string Resolution(double resolution) {
  return resolution == 0 ? ""
                         : ", differences below " +
                               std::to_string(std::llround(resolution / 1024)) + " KiB not counted";
}

double HalfWidth(const Crossing& crossing) {
  return (crossing.high - crossing.low) / (2 * crossing.length);
}

bool HasEqualInside(const ComparisonResult& result) {
  return std::any_of(result.brackets.begin(), result.brackets.end(), [&](const auto& bracket) {
    return !EqualInside(result, bracket.first, bracket.second).empty();
  });
}

// Lengths behind the last bracket over which its crossing's interval goes on.
std::vector<int64_t> UnclearBehind(const ComparisonResult& result) {
  std::vector<int64_t> lengths;
  for (const int64_t length : result.undecided_lengths) {
    if (!result.brackets.empty() && length > result.brackets.back().second &&
        static_cast<double>(length) < result.crossings.back().high) {
      lengths.push_back(length);
    }
  }
  return lengths;
}

std::string Ended(const ComparisonResult& result, const RefineOptions& options) {
  if (options.compare.exact && result.verdict == Verdict::kUndecided &&
      !result.equal_lengths.empty()) {
    return "equal at " + Listed(result.equal_lengths, options) +
           Resolution(options.compare.resolution) + ", and no change of order elsewhere";
  }
  if (options.compare.exact && !options.fixed && HasEqualInside(result)) {
    return "to ±" + Percent(options.precision) + Resolution(options.compare.resolution);
  }
  if (options.compare.exact) {
    return (options.fixed ? "exact at the listed lengths"
                          : "exact at multiples of " + Length(options.step, options)) +
           Resolution(options.compare.resolution);
  }
  if (result.crossings.empty()) {
    return result.verdict == Verdict::kUndecided ? "the ends of the range are equal within noise"
                                                 : "the order is sure at every length needed";
  }
  if (const std::vector<int64_t> unclear = UnclearBehind(result); !unclear.empty()) {
    return "the order at " + Listed(unclear, options) + " stays unclear";
  }
  if (options.fixed) {
    return "only the listed lengths were allowed";
  }
  double widest = 0;
  bool by_neighbours = true;  // all that are too wide
  for (size_t i = 0; i < result.crossings.size(); ++i) {
    const double width = HalfWidth(result.crossings[i]);
    const auto [before, after] = result.brackets[i];
    by_neighbours = by_neighbours && (width <= options.precision || after - before <= options.step);
    widest = std::max(widest, width);
  }
  if (widest > options.precision && by_neighbours) {
    return "bracketed by neighbouring lengths, " + Length(options.step, options) + " apart";
  }
  const std::string reached =
      "within ±" + Percent(widest) + ", wanted ±" + Percent(options.precision);
  return widest > options.precision
             ? reached + ": the order may change again at steps between sure lengths"
             : reached;
}

}  // namespace

std::string StopNote(const ComparisonResult& result, const std::vector<Wish>& wishes,
                     const std::vector<int64_t>& limited, const RefineOptions& options) {
  if (!wishes.empty()) {
    int64_t blocks = 0;
    std::vector<int64_t> lengths;
    for (const Wish& wish : wishes) {
      blocks += wish.blocks;
      lengths.push_back(wish.length);
    }
    return "lacks about " + std::to_string(blocks) + (blocks == 1 ? " block" : " blocks") + " at " +
           Listed(lengths, options);
  }
  if (!limited.empty()) {
    return "the order near " + Listed(limited, options) + " stays unsure at the limit of " +
           std::to_string(options.max_blocks) + " blocks a length";
  }
  if (result.range_max == 0) {
    return "no length was measured for both";
  }
  return Ended(result, options);
}

}  // namespace cusp::analysis
