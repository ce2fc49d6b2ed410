#include "analysis/other_shapes.h"

#include <algorithm>
#include <cmath>

#include "analysis/ratio_curves.h"

namespace cusp::analysis {
namespace {

constexpr size_t kLowestDegree = 2;
constexpr size_t kHighestDegree = 6;
constexpr int kRounds = 3;  // of reweighting
constexpr double kHuber = 1.5;
constexpr int kHalvings = 40;

// Rows of the normal equations, each with its right-hand side last.
using Equations = std::vector<std::vector<double>>;

// By elimination. Powers of places in [-1, 1] at more points than powers are regular.
std::vector<double> Solve(Equations equations) {
  const size_t count = equations.size();
  for (size_t k = 0; k < count; ++k) {
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

}  // namespace

RatioPolynomial::RatioPolynomial(std::span<const RatioPoint> points,
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
        equations[k][count] += weight * powers[k] * points[i].log_ratio;
      }
    }
    coefficients_ = Solve(std::move(equations));
    chi_square = 0;
    for (size_t i = 0; i < points.size(); ++i) {
      const double z = (points[i].log_ratio - At(points[i].length)) / errors[i];
      chi_square += z * z;
      weights[i] = std::min(1.0, kHuber / std::max(std::fabs(z), 1e-300));
    }
  }
  fits_ = points.size() > count &&
          chi_square <= ChiSquareLimit(static_cast<double>(points.size() - count));
}

double RatioPolynomial::Place(double length) const { return (std::log(length) - center_) / reach_; }

double RatioPolynomial::At(double length) const {
  const double place = Place(length);
  double value = 0;
  for (size_t k = coefficients_.size(); k-- > 0;) {
    value = value * place + coefficients_[k];
  }
  return value;
}

std::vector<double> CrossingsOfOtherShapes(std::span<const RatioPoint> points,
                                           const std::vector<double>& errors, double low,
                                           double high) {
  std::vector<double> crossings;
  for (size_t degree = kLowestDegree; degree <= kHighestDegree && degree + 1 < points.size();
       ++degree) {
    const RatioPolynomial shape(points, errors, degree);
    const bool dearer_first = shape.At(low) > 0;
    if (!shape.Fits() || dearer_first == (shape.At(high) > 0)) {
      continue;
    }
    double before = low;
    double after = high;
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = std::sqrt(before * after);
      ((shape.At(middle) > 0) == dearer_first ? before : after) = middle;
    }
    crossings.push_back(std::sqrt(before * after));
  }
  return crossings;
}

}  // namespace cusp::analysis
