// How finely, and at what cost, a timer tells the time. Numbers in, numbers out.
#pragma once

#include <cstdint>
#include <vector>

namespace cusp::measure {

struct TimerFigures {
  double step_ns = 0;   // smallest difference between two durations; 0: none differ
  double empty_ns = 0;  // median duration
};

// From durations, in nanoseconds, of samples that hold nothing; not empty. What such a
// sample takes is a reading of the clock.
TimerFigures FiguresOf(std::vector<int64_t> empty_ns);

// What a harness adds to a sample: the median of `durations_ns` beyond `expected_ns`, as
// a share of it; not empty. Below 0 where the clock is coarser than that.
double OverheadShare(const std::vector<int64_t>& durations_ns, double expected_ns);

}  // namespace cusp::measure
