#include "client/lib/history.h"

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "catalog/job_check.h"
#include "client/lib/client.h"
#include "client/lib/job_json.h"
#include "client/lib/job_lengths.h"
#include "client/lib/provenance_json.h"
#include "client/lib/result_json.h"

namespace cusp::client {
namespace {

using Json = nlohmann::ordered_json;

struct Interval {
  double low;
  double high;
};

// Where the data say that the tipping point lies; nothing where they can't tell.
std::optional<Interval> TippingInterval(const v1::Comparison& comparison) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto low = static_cast<double>(comparison.range_min());
  const auto high = static_cast<double>(comparison.range_max());
  switch (comparison.verdict()) {
    case v1::VERDICT_CROSSES:
      if (comparison.has_persistent()) {
        return Interval{comparison.persistent().low(), comparison.persistent().high()};
      }
      return Interval{high, kInfinity};
    case v1::VERDICT_ALWAYS:
      return Interval{0, low};
    case v1::VERDICT_NEVER:
      return Interval{high, kInfinity};
    default:
      return std::nullopt;
  }
}

bool AreApart(const Interval& a, const Interval& b) { return a.high < b.low || b.high < a.low; }

}  // namespace

std::vector<bool> ChangedBeyondIntervals(const std::vector<v1::HistoryEntry>& entries) {
  std::vector<bool> changed(entries.size());
  std::map<std::string, Interval> newest;  // of each series, so far
  for (size_t i = entries.size(); i-- > 0;) {
    const std::optional<Interval> interval = TippingInterval(entries[i].comparison());
    if (!interval.has_value()) {
      continue;
    }
    const auto [before, is_first] = newest.emplace(entries[i].series(), *interval);
    changed[i] = !is_first && AreApart(before->second, *interval);
    before->second = *interval;
  }
  return changed;
}

std::vector<Trend> TrendsOf(const std::vector<v1::HistoryEntry>& entries) {
  std::vector<Trend> trends(entries.size());
  std::map<std::string, const v1::HistoryEntry*> newest;  // of each series, so far
  for (size_t i = entries.size(); i-- > 0;) {
    const v1::Comparison& comparison = entries[i].comparison();
    if (!TippingInterval(comparison).has_value()) {
      continue;
    }
    const v1::HistoryEntry*& before = newest[entries[i].series()];
    trends[i].before = before;
    if (before != nullptr && comparison.has_persistent() && before->comparison().has_persistent() &&
        before->comparison().persistent().length() > 0) {
      trends[i].change =
          comparison.persistent().length() / before->comparison().persistent().length() - 1;
    }
    before = &entries[i];
  }
  return trends;
}

Json HistoryToJson(const std::vector<v1::HistoryEntry>& entries) {
  const std::vector<bool> changed = ChangedBeyondIntervals(entries);
  const std::vector<Trend> trends = TrendsOf(entries);
  Json json = {{"history", Json::array()}};
  for (size_t i = 0; i < entries.size(); ++i) {
    const v1::HistoryEntry& entry = entries[i];
    JobLengths lengths;
    lengths.unit = entry.unit();
    Json one = ComparisonToJson(entry.comparison(), lengths);
    one["job"] = JobId(entry.job());
    one["name"] = entry.display_name();
    one["time"] = TimeToJson(entry.end_time());
    one["unit"] = catalog::ToText(entry.unit());
    one["series"] = entry.series();
    one["changed"] = static_cast<bool>(changed[i]);
    one["change"] = trends[i].change ? Json(*trends[i].change) : Json(nullptr);
    one["previous_job"] =
        trends[i].before != nullptr ? Json(JobId(trends[i].before->job())) : Json(nullptr);
    one["provenance"] =
        entry.has_provenance() ? ProvenanceToJson(entry.provenance()) : Json(nullptr);
    json["history"].push_back(std::move(one));
  }
  return json;
}

}  // namespace cusp::client
