#include "analysis/ratio_fit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>

#include "analysis/other_shapes.h"
#include "analysis/ratio_bootstrap.h"
#include "analysis/ratio_curves.h"

namespace cusp::analysis {
namespace {

constexpr size_t kFewestLengths = 4;
constexpr double kFarMiss = 4;  // times the limit of the lack-of-fit test

double LogDistance(double length, double low, double high) {
  if (length < low) {
    return std::log(low / length);
  }
  return length > high ? std::log(length / high) : 0;
}

// A range of points, as indices.
struct Window {
  size_t begin = 0;
  size_t end = 0;
};

// All points, then fewer and fewer: those farthest from the bracket go first,
// as three coefficients can't follow a real cost over decades, but can nearby.
std::vector<Window> ShrinkingWindows(const std::vector<RatioPoint>& points, double low,
                                     double high) {
  std::vector<Window> windows;
  for (Window window{0, points.size()}; window.end - window.begin >= kFewestLengths;) {
    windows.push_back(window);
    const double below = LogDistance(points[window.begin].length, low, high);
    const double above = LogDistance(points[window.end - 1].length, low, high);
    if (below == 0 && above == 0) {
      break;
    }
    const size_t drop = std::max<size_t>(1, (window.end - window.begin) / 10);
    if (below >= above) {
      window.begin += drop;
    } else {
      window.end -= drop;
    }
  }
  return windows;
}

// Looks for the first window that passes the lack-of-fit test.
class WindowSearch {
 public:
  WindowSearch(const std::vector<RatioPoint>& points, std::vector<Window> windows,
               const RatioFitOptions& options)
      : points_(points), windows_(std::move(windows)), options_(options), fits_(windows_.size()) {}

  size_t size() const { return windows_.size(); }

  // Index of the window, or their number where none passes.
  size_t Run() {
    size_t next = 0;
    // Bisection: what misses by far inside a window misses in all around it too.
    for (size_t end = windows_.size(); end - next > 2;) {
      const size_t middle = next + (end - next) / 2;
      if (MissesByFar(middle, next)) {
        next = middle + 1;
      } else {
        end = middle;
      }
    }
    while (next < windows_.size() && !Fit(next).Fits()) {
      ++next;
    }
    return next;
  }

  std::span<const RatioPoint> Points(size_t index) const {
    const Window& window = windows_[index];
    return std::span(points_).subspan(window.begin, window.end - window.begin);
  }

  const RatioCurves& Fit(size_t index) {
    if (!fits_[index]) {
      fits_[index] = FitCurves(Points(index), options_);
    }
    return *fits_[index];
  }

 private:
  // By so much that the limit of a larger window, `around`, changes nothing.
  bool MissesByFar(size_t index, size_t around) {
    return Fit(index).dof > 0 &&
           Fit(index).chi_square >
               kFarMiss * ChiSquareLimit(static_cast<double>(Points(around).size()));
  }

  const std::vector<RatioPoint>& points_;
  const std::vector<Window> windows_;
  const RatioFitOptions& options_;
  std::vector<std::optional<RatioCurves>> fits_;  // beside windows_, once asked for
};

// The bootstrap knows the noise, not the shape: another shape that fits as well shifts the interval
// to its own changes of order, and all of them count.
void WidenByShape(const std::vector<Changes>& shapes, const Changes& own, RatioFit& fit) {
  const RatioFit plain = fit;
  for (const Changes& changes : shapes) {
    fit.low = std::min(fit.low, plain.low * changes.first / own.first);
    fit.high = std::max(fit.high, plain.high * changes.last / own.last);
  }
}

}  // namespace

std::optional<RatioFit> FitRatio(const std::vector<RatioPoint>& points, double low, double high,
                                 const RatioFitOptions& options) {
  const std::vector<RatioPoint> thinned = Thinned(points);
  WindowSearch search(thinned, ShrinkingWindows(thinned, low, high), options);
  const size_t found = search.Run();
  if (found == search.size()) {
    return std::nullopt;
  }
  const RatioCurves& curves = search.Fit(found);
  auto fit = BootstrapCrossing(curves, search.Points(found), low, high, options);
  if (fit) {  // so the curves change their order
    const std::vector<double> own = SignChanges(curves.baseline, curves.candidate, low, high);
    WidenByShape(ChangesOfOtherShapes(search.Points(found), curves, low, high),
                 {.first = own.front(), .last = own.back()}, *fit);
  }
  return fit;
}

}  // namespace cusp::analysis
