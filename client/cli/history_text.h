// Tipping points over jobs and dates as the table that people read.
#pragma once

#include <string>
#include <vector>

#include "cusp/v1/result.pb.h"

namespace cusp::client {

// A row for each entry, newest first; rows whose tipping point moved beyond the intervals
// are marked, with a legend below. Pure.
std::string RenderHistory(const std::vector<v1::HistoryEntry>& entries);

}  // namespace cusp::client
