// Tipping points over jobs, dates and devices.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "cusp/v1/result.pb.h"

namespace cusp::client {

// For each entry, newest first, whether its tipping point lies elsewhere than that of the
// next older entry of the same series, beyond both intervals. The tipping point is the
// persistent crossing; `always` puts it at the range's beginning or below, and `never`, or
// an order that turns back, at its end or above. Undecided entries tell nothing and are
// passed over. The oldest entry of a series has nothing to differ from.
std::vector<bool> ChangedBeyondIntervals(const std::vector<v1::HistoryEntry>& entries);

// How an entry stands to the next older one of its series that tells something.
struct Trend {
  // Tipping point by that one's, less one: 0.05 is five per cent longer. Not set where
  // one of the two has none.
  std::optional<double> change;
  // That one; nullptr where there is none, or this entry is undecided.
  const v1::HistoryEntry* before = nullptr;
};

// One for each entry, newest first. Points into `entries`.
std::vector<Trend> TrendsOf(const std::vector<v1::HistoryEntry>& entries);

// {"history": […]}: comparisons as results have them, but for tokens, with job, name,
// time, unit, series, changed, change, previous_job and provenance beside them.
nlohmann::ordered_json HistoryToJson(const std::vector<v1::HistoryEntry>& entries);

}  // namespace cusp::client
