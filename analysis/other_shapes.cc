#include "analysis/other_shapes.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

#include "analysis/padding.h"

namespace cusp::analysis {
namespace {

constexpr size_t kLowestDegree = 2;
constexpr size_t kHighestDegree = 6;
constexpr int kRounds = 3;  // of reweighting
constexpr double kHuber = 1.5;
constexpr int kHalvings = 40;
constexpr double kLeastPivot = 1e-10;  // of the diagonal before elimination
constexpr double kJustBehind = 1e-6;   // a step, of the way to the next one

// Rows of the normal equations, each with its right-hand side last.
using Equations = std::vector<std::vector<double>>;

// By elimination; nothing where rounding would decide. Powers of places in [-1, 1] are regular
// at more points than powers, but not in double precision where most places nearly agree.
std::optional<std::vector<double>> Solve(Equations equations) {
  const size_t count = equations.size();
  std::vector<double> diagonal;
  for (size_t k = 0; k < count; ++k) {
    diagonal.push_back(equations[k][k]);
  }
  for (size_t k = 0; k < count; ++k) {
    if (!(equations[k][k] > kLeastPivot * diagonal[k])) {
      return std::nullopt;
    }
    for (size_t row = k + 1; row < count; ++row) {
      const double factor = equations[row][k] / equations[k][k];
      for (size_t m = k; m <= count; ++m) {
        equations[row][m] -= factor * equations[k][m];
      }
    }
  }
  std::vector<double> x(count);
  for (size_t k = count; k-- > 0;) {
    double value = equations[k][count];
    for (size_t m = k + 1; m < count; ++m) {
      value -= equations[k][m] * x[m];
    }
    x[k] = value / equations[k][k];
  }
  return x;
}

// What padding adds to the log-ratio at a length, by the curves.
double StepsAt(const RatioCurves& curves, double length) {
  const auto added = [length](const CostCurve& curve) {
    return curve.padding.IsSmooth() ? 0 : std::log(curve(length) / curve.AtPadded(length));
  };
  return added(curves.candidate) - added(curves.baseline);
}

// Collects the changes of order of a log-ratio, from one length to the next.
class ChangeSearch {
 public:
  ChangeSearch(std::function<double(double)> log_ratio, double low)
      : log_ratio_(std::move(log_ratio)), at_(low), is_dearer_(log_ratio_(low) > 0) {}

  // On to `length`, between which and here there is no step.
  void Go(double length) {
    const bool is_dearer = log_ratio_(length) > 0;
    if (is_dearer != is_dearer_) {
      Add(length);
    }
    at_ = length;
    is_dearer_ = is_dearer;
  }

  std::optional<Changes> found() const { return found_; }

 private:
  void Add(double after) {
    double before = at_;
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = std::sqrt(before * after);
      ((log_ratio_(middle) > 0) == is_dearer_ ? before : after) = middle;
    }
    found_ = {.first = found_ ? found_->first : before, .last = before};
  }

  std::function<double(double)> log_ratio_;
  double at_;
  bool is_dearer_;
  std::optional<Changes> found_;
};

// Lengths from `low` to `high` between which the ratio is smooth: the ends, and both sides of each
// step. Between two of them one change of order at most is looked for. Empty where there are too
// many.
std::vector<double> SmoothPieces(const PairPadding& padding, double low, double high) {
  std::vector<double> lengths = {low};
  int steps = 0;
  for (double from = low; from < high; ++steps) {
    if (steps > kMostSteps) {
      return {};
    }
    const double to =
        std::min({NextStep(from, padding.baseline), NextStep(from, padding.candidate), high});
    lengths.push_back(from + kJustBehind * (to - from));
    lengths.push_back(to);
    from = to;
  }
  return lengths;
}

}  // namespace

LogPolynomial::LogPolynomial(std::span<const RatioPoint> points, const std::vector<double>& values,
                             const std::vector<double>& errors, size_t degree) {
  const double first = std::log(points.front().length);
  const double last = std::log(points.back().length);
  center_ = (first + last) / 2;
  reach_ = (last - first) / 2;
  const size_t count = degree + 1;
  std::vector<double> weights(points.size(), 1);
  std::vector<double> powers(count, 1);
  double chi_square = 0;
  for (int round = 0; round < kRounds; ++round) {
    Equations equations(count, std::vector<double>(count + 1));
    for (size_t i = 0; i < points.size(); ++i) {
      const double place = Place(points[i].length);
      for (size_t k = 1; k < count; ++k) {
        powers[k] = powers[k - 1] * place;
      }
      const double weight = weights[i] / (errors[i] * errors[i]);
      for (size_t k = 0; k < count; ++k) {
        for (size_t l = 0; l < count; ++l) {
          equations[k][l] += weight * powers[k] * powers[l];
        }
        equations[k][count] += weight * powers[k] * values[i];
      }
    }
    auto solved = Solve(std::move(equations));
    if (!solved) {
      coefficients_.assign(count, 0);
      return;
    }
    coefficients_ = *std::move(solved);
    chi_square = 0;
    for (size_t i = 0; i < points.size(); ++i) {
      const double z = (values[i] - At(points[i].length)) / errors[i];
      chi_square += z * z;
      weights[i] = std::min(1.0, kHuber / std::max(std::fabs(z), 1e-300));
    }
  }
  fits_ = points.size() > count &&
          chi_square <= ChiSquareLimit(static_cast<double>(points.size() - count));
}

double LogPolynomial::Place(double length) const { return (std::log(length) - center_) / reach_; }

double LogPolynomial::At(double length) const {
  const double place = Place(length);
  double value = 0;
  for (size_t k = coefficients_.size(); k-- > 0;) {
    value = value * place + coefficients_[k];
  }
  return value;
}

std::vector<Changes> ChangesOfOtherShapes(std::span<const RatioPoint> points,
                                          const RatioCurves& curves, double low, double high) {
  std::vector<Changes> changes;
  const std::vector<double> lengths =
      SmoothPieces({curves.baseline.padding, curves.candidate.padding}, low, high);
  if (lengths.empty()) {
    return changes;
  }
  std::vector<double> values;
  for (const RatioPoint& point : points) {
    values.push_back(point.log_ratio - StepsAt(curves, point.length));
  }
  for (size_t degree = kLowestDegree; degree <= kHighestDegree && degree + 1 < points.size();
       ++degree) {
    const LogPolynomial shape(points, values, curves.errors, degree);
    const auto log_ratio = [&shape, &curves](double length) {
      return shape.At(length) + StepsAt(curves, length);
    };
    if (!shape.Fits() || (log_ratio(low) > 0) == (log_ratio(high) > 0)) {
      continue;
    }
    ChangeSearch search(log_ratio, low);
    for (const double length : lengths) {
      search.Go(length);
    }
    changes.push_back(*search.found());
  }
  return changes;
}

}  // namespace cusp::analysis
