// How the writer fares, for those who watch the service.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "common/clock.h"

namespace cusp::server {

// What the mutations of a group did.
struct CommitCounts {
  int64_t jobs_submitted = 0;
  int64_t blocks = 0;
  int64_t samples = 0;

  void Add(const CommitCounts& other);
};

// Counts since the start. Thread-safe.
class CommitStats {
 public:
  // Upper ends of the buckets of a histogram; the last bucket has none.
  static constexpr std::array<double, 12> kSeconds = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02,
                                                      0.05,   0.1,   0.2,   0.5,   1,    5};
  static constexpr std::array<double, 9> kGroupSizes = {1, 2, 4, 8, 16, 32, 64, 128, 256};

  template <size_t kBuckets>
  struct Histogram {
    std::array<int64_t, kBuckets + 1> counts{};  // of each bucket alone
    double sum = 0;
  };

  struct Snapshot {
    Histogram<kSeconds.size()> seconds;         // of groups that committed
    Histogram<kGroupSizes.size()> group_sizes;  // likewise
    int64_t failed = 0;                         // groups that did not commit
    CommitCounts counts;
  };

  // One group: how many mutations, how long from BEGIN to COMMIT.
  void Record(int64_t group, Clock::Duration time, bool committed, const CommitCounts& counts);

  Snapshot Read() const;

 private:
  mutable std::mutex mutex_;
  Snapshot all_;  // guarded by mutex_
};

}  // namespace cusp::server
