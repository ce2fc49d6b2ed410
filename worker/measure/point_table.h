// What is known of each (variant, length, batch): how fast, how warm, or why not.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "cusp/v1/measurement.pb.h"
#include "worker/measure/sweep_setup.h"

namespace cusp::measure {

struct PointKey {
  size_t variant = 0;
  int64_t length = 0;
  int32_t batch_size = 0;

  // clang-tidy 14 takes the zero inside a defaulted comparison for a pointer.
  friend auto operator<=>(const PointKey&,
                          const PointKey&) = default;  // NOLINT(modernize-use-nullptr)
};

// Remembers failures, so that a point is tried three times and no more, and
// times, so that a hang can be told from a slow step. Not thread-safe; `setup`
// must outlive it.
class PointTable {
 public:
  explicit PointTable(const SweepSetup& setup) : setup_(setup) {}

  // Takes over what an earlier attempt committed.
  void Restore(const v1::Block& block);

  // OK where the point may be measured; else why not, for good: its own
  // outcome, or that a shorter length was out of memory already.
  absl::Status Usable(const PointKey& key) const;

  // Counts a failure. Out of memory and impossible configurations are final at
  // once, everything else the third time.
  void Failed(const PointKey& key, const absl::Status& status);

  // Records the time of one call; `generation` is the process that is warm now.
  void Warmed(const PointKey& key, double seconds, int32_t calls, int64_t generation);

  // True where that process has been warmed up at this point.
  bool IsWarm(const PointKey& key, int64_t generation) const;

  // Counts a sample of the first token, and how many there are.
  void FirstTokenTaken(const PointKey& key) { ++points_[key].first_tokens; }
  int FirstTokens(const PointKey& key) const;

  // Calls of a sample; 1 where the point was never warmed up.
  int32_t Calls(const PointKey& key) const;

  // Seconds of one call at this point; 0 where it was never warmed up.
  double Seconds(const PointKey& key) const;

  // Expected seconds of one call, scaled from the nearest known length of the
  // variant as if all its cost were quadratic; 0 where nothing is known.
  double ExpectedSeconds(const PointKey& key) const;

 private:
  struct Point {
    absl::Status failure;  // final, unless OK
    int failures = 0;
    double seconds = 0;
    int32_t calls = 1;
    int first_tokens = 0;
    int64_t generation = 0;
  };

  absl::Status OutOfMemory(const PointKey& key, int64_t at) const;

  const SweepSetup& setup_;
  std::map<PointKey, Point> points_;
  // Shortest length out of memory, by (variant, batch).
  std::map<std::pair<size_t, int32_t>, int64_t> exhausted_;
};

}  // namespace cusp::measure
