#include "client/cli/analysis_text.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <vector>

#include "client/cli/format.h"
#include "client/cli/text_table.h"
#include "client/cli/verdict_text.h"

namespace cusp::client {
namespace {

// More changes of order than this don't fit a line.
constexpr int kMostCrossings = 5;

std::string Value(double value) {
  if (std::isinf(value)) {
    return "oom";
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string Verdict(const v1::Comparison& comparison, const JobLengths& lengths) {
  if (comparison.crossings_size() <= kMostCrossings) {
    return VerdictText(comparison, lengths);
  }
  std::string text = "crosses " + FormatCount(comparison.crossings_size()) + " times";
  if (comparison.has_first()) {
    text += ", first cheaper at " + FormatLength(comparison.first().length(), lengths.unit);
  }
  if (comparison.has_persistent()) {
    text += ", for good from " + FormatLength(comparison.persistent().length(), lengths.unit);
  }
  return text;
}

std::string Title(const CostGroup& group) {
  std::string title =
      Printable(Words(group.metric)) + ", " + Printable(group.mode) + ", " + Printable(group.dtype);
  return group.batch_size.empty() ? title : title + ", batch " + Printable(group.batch_size);
}

bool SameGroup(const CostGroup& a, const CostGroup& b) {
  return a.metric == b.metric && a.mode == b.mode && a.dtype == b.dtype &&
         a.batch_size == b.batch_size;
}

std::string End(int64_t length, const JobLengths& lengths, const EndValues& values) {
  return FormatLength(static_cast<double>(length), lengths.unit) + ": " + Value(values.candidate) +
         " / " + Value(values.baseline);
}

// What undecided comparisons lack.
std::string Notes(const std::vector<AnalyzedComparison>& all, size_t begin, size_t end) {
  constexpr size_t kMost = 5;
  std::string text;
  size_t undecided = 0;
  for (size_t i = begin; i < end; ++i) {
    const v1::Comparison& comparison = all[i].comparison;
    if (comparison.verdict() == v1::VERDICT_UNDECIDED && ++undecided <= kMost) {
      text += "  note: " + Printable(comparison.candidate()) + "/" +
              Printable(comparison.baseline()) + ": " + Printable(comparison.note()) + "\n";
    }
  }
  if (undecided > kMost) {
    text += "  note: " + FormatCount(static_cast<int64_t>(undecided - kMost)) +
            " more are undecided; --json has their notes\n";
  }
  return text;
}

}  // namespace

std::string RenderAnalysis(const Analysis& analysis) {
  std::string text;
  const std::vector<AnalyzedComparison>& all = analysis.comparisons;
  JobLengths lengths;
  lengths.unit = analysis.unit;
  for (size_t begin = 0; begin < all.size();) {
    TextTable table({{"candidate"},
                     {"baseline"},
                     {"verdict"},
                     {"shortest (c / b)", TextTable::Align::kRight},
                     {"longest (c / b)", TextTable::Align::kRight},
                     {"blocks", TextTable::Align::kRight}});
    size_t end = begin;
    for (; end < all.size() && SameGroup(all[end].group, all[begin].group); ++end) {
      const v1::Comparison& comparison = all[end].comparison;
      table.AddRow({Printable(comparison.candidate()), Printable(comparison.baseline()),
                    Verdict(comparison, lengths),
                    End(comparison.range_min(), lengths, all[end].at_min),
                    End(comparison.range_max(), lengths, all[end].at_max),
                    FormatCount(comparison.blocks_used())});
    }
    text += (begin == 0 ? "" : "\n") + Title(all[begin].group) + "\n" + table.ToString(2) +
            Notes(all, begin, end);
    begin = end;
  }
  return text;
}

}  // namespace cusp::client
