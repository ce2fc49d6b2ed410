// Searches over batch sizes. Fed with numbers alone, so they are tested without a runner.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace cusp::measure {

// The largest batch size that a search tries.
inline constexpr int32_t kLargestBatch = 65'536;

// The batch size with the most inputs per second: doubles from a first guess until that
// gains nothing twice, a batch fails, or a step takes too long; halves below the guess while
// that gains; then tries between the best and its neighbours.
class BestBatchSearch {
 public:
  // `start` is from 1 on; no step is tried that promises to take more than `most_seconds`.
  BestBatchSearch(int32_t start, double most_seconds);

  // The next batch size to try; nothing when the search has ended.
  std::optional<int32_t> Next() const;

  // What came of it: seconds of one step, or 0 where it could not run.
  void Add(int32_t batch, double seconds);

  // The smallest batch within one per cent of the most inputs per second, since the costs of
  // larger ones (memory, waiting) are no gain; 0 where none ran.
  int32_t best() const;

 private:
  std::optional<int32_t> Upwards() const;
  std::optional<int32_t> Downwards() const;
  std::optional<int32_t> Between() const;
  bool IsWorthTrying(int64_t batch) const;
  double MostUpTo(int32_t batch) const;

  int32_t start_;
  double most_seconds_;
  std::map<int32_t, double> rates_;  // inputs per second by batch; 0: failed
};

// The largest batch size that fits: doubles from a first guess, then bisects until what fits
// and what doesn't are within a sixteenth. A step that took longer than `most_seconds` has none
// larger tried.
class LargestBatchSearch {
 public:
  LargestBatchSearch(int32_t start, double most_seconds)
      : start_(start), most_seconds_(most_seconds) {}

  std::optional<int32_t> Next() const;
  void Add(int32_t batch, bool fits, double seconds);

  // 0: not even one.
  int32_t largest() const { return fits_; }
  // Whether a larger one is known not to fit; else the search ended at kLargestBatch, or at
  // a step that took too long.
  bool bounded() const { return fails_ > 0; }

 private:
  int32_t start_;
  double most_seconds_;
  bool slow_ = false;
  int32_t fits_ = 0;
  int32_t fails_ = 0;  // 0: none yet
};

}  // namespace cusp::measure
