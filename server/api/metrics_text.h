// The service's numbers in Prometheus' text format.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "server/api/call_log.h"
#include "server/queue/records.h"
#include "server/store/commit_stats.h"
#include "server/store/store_figures.h"

namespace cusp::server {

// All that /metrics says.
struct ServiceFigures {
  QueueFigures queue;
  std::map<std::string, int64_t> workers_by_state;  // "idle", "busy", …
  CommitStats::Snapshot commits;
  CallLog::Counts calls;
  DiskFigures disk;
  double uptime_seconds = 0;
  int64_t schema_version = 0;
};

// Names, types and units as docs/operations.md lists them. Pure.
std::string MetricsText(const ServiceFigures& figures);

}  // namespace cusp::server
