#include "server/store/commit_stats.h"

#include <algorithm>

namespace cusp::server {
namespace {

template <typename Bounds, typename Histogram>
void Count(const Bounds& bounds, double value, Histogram& histogram) {
  const auto at = std::lower_bound(bounds.begin(), bounds.end(), value) - bounds.begin();
  ++histogram.counts[static_cast<size_t>(at)];
  histogram.sum += value;
}

}  // namespace

void CommitCounts::Add(const CommitCounts& other) {
  jobs_submitted += other.jobs_submitted;
  blocks += other.blocks;
  samples += other.samples;
}

void CommitStats::Record(int64_t group, Clock::Duration time, bool committed,
                         const CommitCounts& counts) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!committed) {
    ++all_.failed;
    return;
  }
  Count(kSeconds, std::chrono::duration<double>(time).count(), all_.seconds);
  Count(kGroupSizes, static_cast<double>(group), all_.group_sizes);
  all_.counts.Add(counts);
}

CommitStats::Snapshot CommitStats::Read() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return all_;
}

}  // namespace cusp::server
