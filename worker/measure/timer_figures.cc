#include "worker/measure/timer_figures.h"

#include <algorithm>

#include "analysis/statistics.h"

namespace cusp::measure {
namespace {

double MedianOfCounts(const std::vector<int64_t>& values) {
  return analysis::Median(std::vector<double>(values.begin(), values.end()));
}

}  // namespace

TimerFigures FiguresOf(std::vector<int64_t> empty_ns) {
  TimerFigures figures{.step_ns = 0, .empty_ns = MedianOfCounts(empty_ns)};
  std::sort(empty_ns.begin(), empty_ns.end());
  for (size_t i = 1; i < empty_ns.size(); ++i) {
    const auto step = static_cast<double>(empty_ns[i] - empty_ns[i - 1]);
    if (step > 0 && (figures.step_ns == 0 || step < figures.step_ns)) {
      figures.step_ns = step;
    }
  }
  return figures;
}

double OverheadShare(const std::vector<int64_t>& durations_ns, double expected_ns) {
  return MedianOfCounts(durations_ns) / expected_ns - 1;
}

}  // namespace cusp::measure
