// The median of a sample, with its interval.
#pragma once

#include <vector>

namespace cusp::measure {

struct MedianInterval {
  double median = 0;
  double low = 0;
  double high = 0;
};

// 95 % interval from order statistics: how many values lie below the true
// median is binomial(n, 1/2), whatever the distribution. With fewer than six
// values no interval reaches 95 %, and the extremes are given. `values` is not
// empty.
MedianInterval MedianOf(std::vector<double> values);

}  // namespace cusp::measure
