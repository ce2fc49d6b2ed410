// The lengths that may be measured.
#pragma once

#include <cstdint>
#include <vector>

namespace cusp::analysis {

// Step of the scan around a crossing of two variants: the greatest common
// divisor of their padding quanta, where 1 counts as 16, or as less where the
// whole range holds fewer than 16 such steps (seconds of audio, say). The least
// common multiple would visit only lengths where padding is free.
int64_t ScanStep(int64_t baseline_quantum, int64_t candidate_quantum, int64_t max_length);

// `min`, `max`, and between them about every `factor`-fold length, on multiples
// of `step`. With `forced_step`, both ends move inwards to multiples too.
// Ascending. Empty when nothing fits.
std::vector<int64_t> CoarseGrid(int64_t min, int64_t max, int64_t step, double factor,
                                bool forced_step);

// The multiple of `step` nearest to `length` that lies strictly between `low`
// and `high` and is not in ascending `barred`; 0 where there is none.
int64_t NearestFree(double length, int64_t low, int64_t high, int64_t step,
                    const std::vector<int64_t>& barred);

}  // namespace cusp::analysis
