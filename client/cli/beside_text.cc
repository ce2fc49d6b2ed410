#include "client/cli/beside_text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "catalog/job_check.h"
#include "catalog/metrics.h"
#include "client/cli/format.h"
#include "client/cli/text_table.h"
#include "client/cli/verdict_text.h"

namespace cusp::client {
namespace {

constexpr size_t kIndent = 2;
constexpr double kWorthTelling = 0.005;
// Parts told apart should take as long as the whole, within this.
constexpr double kAddUp = 0.05;

std::string LengthWithUnit(int64_t length, const JobLengths& lengths) {
  return FormatLength(static_cast<double>(length), lengths.unit) + " " +
         catalog::ToText(lengths.unit);
}

std::string Percent(double share) { return FormatCount(std::llround(100 * share)) + " %"; }

struct Breakdown {
  double whole = 0;
  std::vector<std::pair<double, std::string>> parts;  // seconds
};

// "mixing 62 %, feed forward 25 %, …", and by how much telling apart changed the step where
// that is more than it should be.
std::string Shares(Breakdown& breakdown) {
  double sum = 0;
  for (const auto& [seconds, name] : breakdown.parts) {
    sum += seconds;
  }
  std::sort(breakdown.parts.rbegin(), breakdown.parts.rend());
  std::string text;
  for (const auto& [seconds, name] : breakdown.parts) {
    if (seconds >= kWorthTelling * sum) {
      text += (text.empty() ? "" : ", ") + name + " " + Percent(seconds / sum);
    }
  }
  const double change = breakdown.whole > 0 ? sum / breakdown.whole - 1 : 0;
  if (std::abs(change) > kAddUp) {
    text += "; told apart, the step took " + Percent(std::abs(change)) +
            (change > 0 ? " longer" : " less");
  }
  return text;
}

}  // namespace

std::string BesideText(const std::vector<const v1::Comparison*>& comparisons,
                       const JobLengths& lengths) {
  if (comparisons.empty()) {
    return "";
  }
  TextTable table({{"candidate"}, {"baseline"}, {"recorded beside"}, {"verdict"}});
  for (const v1::Comparison* comparison : comparisons) {
    table.AddRow({Printable(comparison->candidate()), Printable(comparison->baseline()),
                  MetricWords(comparison->metric()), VerdictText(*comparison, lengths)});
  }
  return table.ToString(kIndent);
}

std::string ComponentsText(const std::vector<const v1::Cost*>& costs, const JobLengths& lengths) {
  std::map<std::pair<std::string, int32_t>, int64_t> longest;
  for (const v1::Cost* cost : costs) {
    if (cost->metric() == v1::METRIC_COMPONENTS && cost->outcome() == v1::OUTCOME_OK) {
      int64_t& length = longest[{cost->variant(), cost->batch_size()}];
      length = std::max(length, cost->length());
    }
  }
  std::string text;
  for (const auto& [key, length] : longest) {
    Breakdown breakdown;
    for (const v1::Cost* cost : costs) {
      if (cost->variant() != key.first || cost->batch_size() != key.second ||
          cost->length() != length || cost->outcome() != v1::OUTCOME_OK) {
        continue;
      }
      if (cost->metric() == v1::METRIC_COMPONENTS) {
        breakdown.whole = cost->median();
      } else if (catalog::IsPart(cost->metric())) {
        const std::string words = MetricWords(cost->metric());
        breakdown.parts.emplace_back(cost->median(), words.substr(words.find(' ') + 1));
      }
    }
    text += "  " + Printable(key.first) + " at " + LengthWithUnit(length, lengths) +
            (key.second == 1 ? "" : ", batch " + FormatCount(key.second)) + ": " +
            Shares(breakdown) + "\n";
  }
  return text;
}

std::string BatchesText(const std::vector<const v1::Cost*>& costs, const JobLengths& lengths) {
  struct Batches {
    double best = 0;
    double largest = 0;
    bool is_lower_bound = false;  // the largest
  };
  std::map<int64_t, std::map<std::string, Batches>> batches;
  for (const v1::Cost* cost : costs) {
    if (cost->outcome() != v1::OUTCOME_OK) {
      continue;
    }
    if (cost->metric() == v1::METRIC_LARGEST_BATCH) {
      Batches& at = batches[cost->length()][cost->variant()];
      at.largest = cost->median();
      at.is_lower_bound = catalog::IsLowerBound(*cost);
    } else if (cost->metric() == v1::METRIC_BEST_BATCH) {
      batches[cost->length()][cost->variant()].best = cost->median();
    }
  }
  std::string text;
  for (const auto& [length, variants] : batches) {
    std::string line;
    bool any_largest = false;
    for (const auto& [variant, sizes] : variants) {
      any_largest = any_largest || sizes.largest > 0;
      line += (line.empty() ? "" : ", ") + Printable(variant) + " " +
              (sizes.best > 0 ? FormatCount(std::llround(sizes.best)) : "-") + " (" +
              (sizes.is_lower_bound ? "≥ " : "") +
              (sizes.largest > 0 ? FormatCount(std::llround(sizes.largest)) : "-") + ")";
    }
    if (any_largest) {
      text += "  best batch (largest that fits) at " + LengthWithUnit(length, lengths) + ": " +
              line + "\n";
    }
  }
  return text;
}

}  // namespace cusp::client
