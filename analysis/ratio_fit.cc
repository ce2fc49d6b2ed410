#include "analysis/ratio_fit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "analysis/ratio_bootstrap.h"
#include "analysis/ratio_curves.h"

namespace cusp::analysis {
namespace {

constexpr size_t kFewestLengths = 4;
constexpr size_t kMostLengths = 64;  // more add time, not knowledge

double LogDistance(double length, double low, double high) {
  if (length < low) {
    return std::log(low / length);
  }
  return length > high ? std::log(length / high) : 0;
}

// At most kMostLengths of the points, evenly spread.
std::vector<RatioPoint> Thinned(const std::vector<RatioPoint>& points) {
  const size_t stride = (points.size() + kMostLengths - 1) / kMostLengths;
  if (stride <= 1) {
    return points;
  }
  std::vector<RatioPoint> thinned;
  for (size_t i = 0; i < points.size(); i += stride) {
    thinned.push_back(points[i]);
  }
  return thinned;
}

}  // namespace

std::optional<RatioFit> FitRatio(const std::vector<RatioPoint>& points, double low, double high,
                                 const RatioFitOptions& options) {
  std::vector<RatioPoint> window = Thinned(points);
  while (window.size() >= kFewestLengths) {
    if (const std::optional<RatioCurves> fitted = FitCurves(window, options)) {
      return BootstrapCrossing(*fitted, window, low, high, options);
    }
    // Three coefficients can't follow a real cost over decades; they can nearby.
    const double below = LogDistance(window.front().length, low, high);
    const double above = LogDistance(window.back().length, low, high);
    if (below == 0 && above == 0) {
      return std::nullopt;
    }
    const auto drop = static_cast<std::ptrdiff_t>(std::max<size_t>(1, window.size() / 10));
    if (below >= above) {
      window.erase(window.begin(), window.begin() + drop);
    } else {
      window.erase(window.end() - drop, window.end());
    }
  }
  return std::nullopt;
}

}  // namespace cusp::analysis
