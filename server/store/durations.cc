#include "server/store/durations.h"

#include <algorithm>
#include <vector>

#include "common/status_macros.h"

namespace cusp::server {
namespace {

constexpr size_t kMostAttempts = 30;

}  // namespace

absl::StatusOr<std::optional<int64_t>> TypicalSweepMicros(
    Database& db, const std::set<std::string>& device_classes) {
  // Along the index of ends, so that the history's length does not matter.
  Query query(db,
              "SELECT a.end_time_us - a.start_time_us, w.device_class FROM"
              " (SELECT id, attempt FROM sweeps WHERE end_time_us IS NOT NULL"
              "  ORDER BY end_time_us DESC LIMIT 300) s"
              " JOIN attempts a ON a.sweep_id = s.id AND a.number = s.attempt AND a.state = 3"
              " JOIN workers w ON w.id = a.worker_id");
  std::vector<int64_t> times;
  while (times.size() < kMostAttempts && query.Next()) {
    if (device_classes.count(query.Text(1)) > 0) {
      times.push_back(query.Int(0));
    }
  }
  CUSP_RETURN_IF_ERROR(query.status());
  if (times.empty()) {
    return std::nullopt;
  }
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

absl::StatusOr<std::optional<RunningSweep>> RunningOn(Database& db, int64_t worker_id) {
  Query query(db,
              "SELECT sweep_id, start_time_us FROM attempts WHERE worker_id = ? AND state = 1"
              " LIMIT 1",
              worker_id);
  std::optional<RunningSweep> running;
  if (query.Next()) {
    running = RunningSweep{query.Int(0), query.Int(1)};
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return running;
}

}  // namespace cusp::server
