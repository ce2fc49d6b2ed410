// How long to warm up, and how many calls make a sample.
#pragma once

#include <cstdint>

namespace cusp::measure {

// Decides when a (variant, length) is warm: kernels, plans and caches are made
// per shape, so the first calls are slower. Fed with times alone.
class Warmup {
 public:
  // Takes the time of one call.
  void Add(double seconds);

  // True once the last time is no longer clearly below the best before it, or
  // after the largest number of calls worth trying.
  bool Done() const { return done_; }

  // Calls discarded so far.
  int calls() const { return calls_; }

  // Fastest call so far, in seconds; 0 before the first.
  double best() const { return best_; }

 private:
  int calls_ = 0;
  double best_ = 0;
  bool done_ = false;
};

// Calls of `seconds` each that make a sample of at least `sample_seconds`, so
// that it lasts well over the timer's resolution. At least 1.
int32_t CallsPerSample(double seconds, double sample_seconds);

}  // namespace cusp::measure
