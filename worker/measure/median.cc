#include "worker/measure/median.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "common/check.h"

namespace cusp::measure {
namespace {

constexpr double kTail = 0.025;

// Largest k with P(Binomial(n, 1/2) < k) <= kTail: the k-th smallest value
// (from 1) bounds the median from below. 0 where there is none.
size_t LowerRank(size_t n) {
  const auto count = static_cast<double>(n);
  double log_term = -count * std::log(2.0);
  double below = 0;
  size_t k = 0;
  while (k < n) {
    below += std::exp(log_term);
    if (below > kTail) {
      break;
    }
    log_term += std::log((count - static_cast<double>(k)) / (static_cast<double>(k) + 1));
    ++k;
  }
  return k;
}

}  // namespace

MedianInterval MedianOf(std::vector<double> values) {
  CUSP_CHECK(!values.empty());
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  const size_t rank = std::max<size_t>(LowerRank(n), 1);
  return {.median = (values[(n - 1) / 2] + values[n / 2]) / 2,
          .low = values[rank - 1],
          .high = values[n - rank]};
}

}  // namespace cusp::measure
