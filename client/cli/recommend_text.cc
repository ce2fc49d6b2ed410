#include "client/cli/recommend_text.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <numeric>
#include <string>
#include <vector>

#include "catalog/job_check.h"
#include "client/cli/format.h"
#include "client/cli/text_table.h"
#include "client/lib/csv_field.h"
#include "client/lib/recommend_json.h"

namespace cusp::client {
namespace {

using analysis::Estimate;

// Of latency and throughput in seconds, of others as the plain number.
std::string Cost(const CostGroup& group, double value) {
  if (std::isinf(value)) {
    return "oom";
  }
  const std::string metric = LowerCase(group.metric);
  if (metric == "latency" || metric == "throughput") {
    return FormatSeconds(value);
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

// An interval of no width is none: one block alone tells nothing of its noise.
std::string WithInterval(const CostGroup& group, const Estimate& cost) {
  const std::string value = Cost(group, cost.value);
  return cost.low < cost.high
             ? value + " (" + Cost(group, cost.low) + "–" + Cost(group, cost.high) + ")"
             : value;
}

std::string WithInterval(const Estimate& share) {
  const std::string value = FormatPercent(share.value) + " %";
  const char* to = share.low < 0 ? " to " : "–";  // "-2–5" would be hard to read
  return share.low < share.high
             ? value + " (" + FormatPercent(share.low) + to + FormatPercent(share.high) + ")"
             : value;
}

std::string Against(const GroupRecommendation& group, size_t variant) {
  const Estimate& ratio = group.found.relative[variant];
  if (variant == group.found.best) {
    return "best";
  }
  return std::isinf(ratio.value)
             ? "does not fit"
             : "+" + WithInterval(Estimate{ratio.value - 1, ratio.low - 1, ratio.high - 1});
}

// What is paid for.
std::string Item(const CostGroup& group) {
  const bool token = LowerCase(group.mode) == "decode" && LowerCase(group.metric) == "latency";
  return token ? "a token" : "an input";
}

std::string Title(const GroupRecommendation& group, analysis::Batching batching) {
  const std::string metric = Words(LowerCase(group.group.metric));
  const std::string title = Printable(metric) + ", " + Printable(group.group.mode) + ", " +
                            Printable(group.group.dtype) + ", measured in batches of " +
                            FormatCount(group.measured_batch_size) + "; ";
  switch (batching) {
    case analysis::Batching::kBucketed:
      return title + "inputs padded to the end of their bucket";
    case analysis::Batching::kLongest:
      return title + "batches of " + FormatCount(group.batch_size) +
             " padded to their longest input";
    case analysis::Batching::kNone:
      break;
  }
  return title + "each input at its own length";
}

// "bert below 480, longformer from there on", of the lengths that are run.
std::string Rule(const GroupRecommendation& group, v1::LengthUnit unit) {
  const std::vector<analysis::Choice>& choices = group.found.choices;
  std::string text = Printable(group.variants[choices[0].variant]);
  for (size_t i = 1; i < choices.size(); ++i) {
    text += (i == 1 ? " below " : " up to ") + FormatLength(choices[i].from, unit) + ", " +
            Printable(group.variants[choices[i].variant]);
  }
  return choices.size() == 1 ? text + " at all lengths" : text + " from there on";
}

std::string Choice(const GroupRecommendation& group, v1::LengthUnit unit,
                   analysis::Batching batching) {
  const analysis::Recommendation& found = group.found;
  const bool as_given = batching == analysis::Batching::kNone || found.choices.size() == 1;
  std::string text = as_given ? "  choose: " : "  choose, by the length that is padded to: ";
  text += Rule(group, unit) + "\n";
  if (found.choices.size() == 1) {
    return text;
  }
  text += "  costs " + WithInterval(group.group, found.by_choice) + " " + Item(group.group);
  if (!found.best) {
    return text + "; no variant alone has the memory for all\n";
  }
  return text + ", which saves " + WithInterval(*found.saving) + " of " +
         Printable(group.variants[*found.best]) + " alone\n";
}

// Variants that the chosen one is not surely cheaper than, where one serves all lengths.
std::string Unsure(const GroupRecommendation& group) {
  const analysis::Recommendation& found = group.found;
  if (!found.best || found.choices.size() > 1 || group.group.exact.value_or(false)) {
    return "";
  }
  std::string alike;
  bool any_interval = group.variants.size() < 2;
  for (size_t v = 0; v < group.variants.size(); ++v) {
    const Estimate& ratio = found.relative[v];
    if (v == *found.best || std::isinf(ratio.value)) {
      any_interval = any_interval || std::isinf(ratio.value);
      continue;
    }
    any_interval = any_interval || ratio.low < ratio.high;
    if (ratio.low <= 1 && ratio.low < ratio.high) {
      alike += (alike.empty() ? "" : ", ") + Printable(group.variants[v]);
    }
  }
  if (!any_interval) {
    return "  note: one value a length tells nothing of its noise, so this order may be chance\n";
  }
  return alike.empty() ? ""
                       : "  note: not surely cheaper than " + alike +
                             "; more blocks would tell, or either will do\n";
}

std::string Notes(const GroupRecommendation& group, v1::LengthUnit unit) {
  std::string text = Unsure(group);
  if (group.longer > 0) {
    text += "  note: " + FormatPercent(group.longer) + " % of the inputs are longer than " +
            FormatLength(static_cast<double>(group.range_max), unit) +
            ", the longest at which all variants were measured, and left out\n";
  }
  if (group.shorter > 0) {
    text += "  note: " + FormatPercent(group.shorter) + " % are shorter than " +
            FormatLength(static_cast<double>(group.range_min), unit) +
            ", the shortest at which all were, and taken at its cost\n";
  }
  if (group.batch_size != group.measured_batch_size) {
    text += "  note: an input in a batch of " + FormatCount(group.batch_size) +
            " is taken to cost what one in a batch of " + FormatCount(group.measured_batch_size) +
            " does; batch_size: " + std::to_string(group.batch_size) + " in the job measures it\n";
  }
  return text;
}

}  // namespace

std::string RenderRecommendations(const Recommendations& recommendations,
                                  analysis::Batching batching) {
  std::string text;
  for (const GroupRecommendation& group : recommendations.groups) {
    TextTable table({{"variant"},
                     {Item(group.group) + " costs", TextTable::Align::kRight},
                     {"against the best", TextTable::Align::kRight}});
    std::vector<size_t> order(group.variants.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return group.found.expected[a].value < group.found.expected[b].value;
    });
    for (const size_t v : order) {
      table.AddRow({Printable(group.variants[v]),
                    WithInterval(group.group, group.found.expected[v]), Against(group, v)});
    }
    text += (text.empty() ? "" : "\n") + Title(group, batching) + "\n" + table.ToString(2) +
            Choice(group, recommendations.unit, batching) + Notes(group, recommendations.unit);
  }
  return text;
}

}  // namespace cusp::client
