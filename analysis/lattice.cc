#include "analysis/lattice.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cusp::analysis {

int64_t ScanStep(int64_t baseline_quantum, int64_t candidate_quantum, int64_t max_length) {
  constexpr int64_t kDefaultStep = 16;
  int64_t step = kDefaultStep;
  while (step > 1 && step * kDefaultStep > max_length) {
    step /= 2;
  }
  const auto effective = [step](int64_t quantum) { return quantum > 1 ? quantum : step; };
  return std::gcd(effective(baseline_quantum), effective(candidate_quantum));
}

std::vector<int64_t> CoarseGrid(int64_t min, int64_t max, int64_t step, double factor,
                                bool forced_step) {
  if (forced_step) {
    min = (min + step - 1) / step * step;
    max = max / step * step;
  }
  if (min > max || max < 1) {
    return {};
  }
  std::vector<int64_t> grid = {min};
  // Equal ratios, none above `factor`, so that no gap is wider than it seems.
  const double span = std::log(static_cast<double>(max) / static_cast<double>(min));
  const int pieces = std::max(1, static_cast<int>(std::ceil(span / std::log(factor) - 1e-9)));
  for (int i = 1; i < pieces; ++i) {
    const double wish = static_cast<double>(min) * std::exp(span * i / pieces);
    const auto length = static_cast<int64_t>(std::llround(wish / static_cast<double>(step))) * step;
    if (length > grid.back() && length < max) {
      grid.push_back(length);
    }
  }
  if (max > grid.back()) {
    grid.push_back(max);
  }
  return grid;
}

int64_t NearestFree(double length, int64_t low, int64_t high, int64_t step,
                    const std::vector<int64_t>& barred) {
  const int64_t least = low / step + 1;
  const int64_t most = (high - 1) / step;
  if (least > most) {
    return 0;
  }
  const int64_t first = least * step;
  const int64_t last = most * step;
  const double steps = std::clamp(length / static_cast<double>(step), static_cast<double>(least),
                                  static_cast<double>(most));
  const int64_t wish = std::llround(steps) * step;
  for (int64_t off = 0; wish - off >= first || wish + off <= last; off += step) {
    for (const int64_t candidate : {wish - off, wish + off}) {
      if (candidate >= first && candidate <= last &&
          !std::binary_search(barred.begin(), barred.end(), candidate)) {
        return candidate;
      }
    }
  }
  return 0;
}

}  // namespace cusp::analysis
