#include "analysis/cost_fit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "analysis/statistics.h"

namespace cusp::analysis {
namespace {

constexpr int kRounds = 4;  // of reweighting
constexpr double kSmallestPivot = 1e-14;

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;

// Solves the rows and columns of `mask` by elimination; false where singular.
bool SolveSubset(Matrix a, Vector b, unsigned mask, Vector& x) {
  std::array<size_t, 3> index{};
  size_t count = 0;
  for (size_t i = 0; i < 3; ++i) {
    if ((mask >> i & 1U) != 0) {
      index[count++] = i;
    }
  }
  for (size_t k = 0; k < count; ++k) {
    const size_t pivot = index[k];
    if (!(a[pivot][pivot] > kSmallestPivot)) {
      return false;
    }
    for (size_t l = k + 1; l < count; ++l) {
      const size_t row = index[l];
      const double factor = a[row][pivot] / a[pivot][pivot];
      for (size_t m = k; m < count; ++m) {
        a[row][index[m]] -= factor * a[pivot][index[m]];
      }
      b[row] -= factor * b[pivot];
    }
  }
  x = {};
  for (size_t k = count; k-- > 0;) {
    double value = b[index[k]];
    for (size_t m = k + 1; m < count; ++m) {
      value -= a[index[k]][index[m]] * x[index[m]];
    }
    x[index[k]] = value / a[index[k]][index[k]];
    if (!(x[index[k]] >= 0)) {
      return false;
    }
  }
  return true;
}

double Objective(const Matrix& a, const Vector& b, const Vector& x) {
  double value = 0;
  for (size_t i = 0; i < 3; ++i) {
    value -= 2 * b[i] * x[i];
    for (size_t j = 0; j < 3; ++j) {
      value += x[i] * a[i][j] * x[j];
    }
  }
  return value;
}

// What a point adds to the normal equations of every round.
struct Row {
  double padded = 0;
  double cost = 0;
  Vector terms{};
  Vector relative{};  // terms / cost
};

std::vector<Row> MakeRows(const std::vector<CurvePoint>& points, const Padding& padding,
                          double scale) {
  std::vector<Row> rows(points.size());
  for (size_t p = 0; p < points.size(); ++p) {
    rows[p].padded = PaddedLength(points[p].length, padding);
    rows[p].cost = points[p].cost;
    rows[p].terms = CurveTerms(points[p].length, padding, scale);
    for (size_t i = 0; i < 3; ++i) {
      rows[p].relative[i] = rows[p].terms[i] / points[p].cost;
    }
  }
  return rows;
}

Vector Solve(const std::vector<Row>& rows, const std::vector<double>& weights) {
  Matrix a{};
  Vector b{};
  for (size_t p = 0; p < rows.size(); ++p) {
    for (size_t i = 0; i < 3; ++i) {
      const double weighted = weights[p] * rows[p].relative[i];
      b[i] += weighted;
      for (size_t j = 0; j < 3; ++j) {
        a[i][j] += weighted * rows[p].terms[j] / rows[p].cost;
      }
    }
  }
  return SolveNonNegative(a, b);
}

// RobustScale around 0 without an allocation for each call.
double ScaleOf(const std::vector<double>& residuals, std::vector<double>& scratch) {
  scratch.resize(residuals.size());
  std::transform(residuals.begin(), residuals.end(), scratch.begin(),
                 [](double residual) { return std::fabs(residual); });
  return kRobustScale * MedianInPlace(scratch);
}

// A difference of costs between two steps, where it is smooth: a + b n + c n².
struct Parabola {
  double a = 0;
  double b = 0;
  double c = 0;

  double At(double n) const { return a + n * (b + n * c); }

  Parabola operator-(const Parabola& other) const {
    return {a - other.a, b - other.b, c - other.c};
  }

  // Where it changes its sign in (low, high), ascending. `once`: the signs at both ends differ,
  // so that there is one such length; else there are two or none.
  void AppendZeros(double low, double high, bool once, std::vector<double>& zeros) const {
    const double root = std::sqrt(std::max(0.0, b * b - 4 * a * c));
    // The form without cancellation; infinite or NaN where there is no such zero.
    const double larger = -(b + std::copysign(root, b)) / 2;
    double first = larger / c;
    double second = a / larger;
    if (!(first < second)) {
      std::swap(first, second);
    }
    if (once) {
      const bool first_inside = first > low && first < high;
      zeros.push_back(std::clamp(first_inside ? first : second, low, high));
    } else if (root > 0 && first > low && second < high) {
      zeros.push_back(first);
      zeros.push_back(second);
    }
  }
};

// The curve around a length, up to the next step.
Parabola Within(const CostCurve& curve, double length) {
  if (!curve.padding.IsSmooth()) {
    return {curve(length), 0, 0};
  }
  return {curve.coefficients[0], curve.coefficients[1], curve.coefficients[2]};
}

}  // namespace

double CostCurve::operator()(double length) const {
  return AtPadded(PaddedLength(length, padding));
}

std::array<double, 3> CurveTerms(double length, const Padding& padding, double scale) {
  const double p = PaddedLength(length, padding) / scale;
  return {1.0, p, p * p};
}

std::array<double, 3> SolveNonNegative(const std::array<std::array<double, 3>, 3>& a,
                                       const std::array<double, 3>& b) {
  // The unconstrained optimum, where feasible, is the answer.
  Vector best{};
  if (SolveSubset(a, b, 7U, best)) {
    return best;
  }
  best = {};
  double best_value = 0;
  for (unsigned mask = 1; mask < 7; ++mask) {
    Vector x{};
    if (!SolveSubset(a, b, mask, x)) {
      continue;
    }
    const double value = Objective(a, b, x);
    if (value < best_value) {
      best_value = value;
      best = x;
    }
  }
  return best;
}

NormalEquations::NormalEquations(const std::array<std::array<double, 3>, 3>& a)
    : a_(a), upper_(a), regular_(true) {
  for (size_t k = 0; k < 3 && regular_; ++k) {
    regular_ = upper_[k][k] > kSmallestPivot;
    for (size_t row = k + 1; row < 3 && regular_; ++row) {
      factors_[row][k] = upper_[row][k] / upper_[k][k];
      for (size_t m = k; m < 3; ++m) {
        upper_[row][m] -= factors_[row][k] * upper_[k][m];
      }
    }
  }
}

std::array<double, 3> NormalEquations::Solve(const std::array<double, 3>& b) const {
  Vector x = b;
  for (size_t row = 1; row < 3; ++row) {
    for (size_t k = 0; k < row; ++k) {
      x[row] -= factors_[row][k] * x[k];
    }
  }
  bool feasible = regular_;
  for (size_t k = 3; k-- > 0;) {
    for (size_t m = k + 1; m < 3; ++m) {
      x[k] -= upper_[k][m] * x[m];
    }
    x[k] /= upper_[k][k];
    feasible = feasible && x[k] >= 0;
  }
  // The unconstrained optimum, where feasible, is the answer.
  return feasible ? x : SolveNonNegative(a_, b);
}

CostCurve FitCost(const std::vector<CurvePoint>& points, const Padding& padding) {
  CostCurve curve;
  curve.padding = padding;
  if (points.empty()) {
    return curve;
  }
  double scale = 0;
  for (const CurvePoint& point : points) {
    scale = std::max(scale, PaddedLength(point.length, curve.padding));
  }
  const std::vector<Row> rows = MakeRows(points, curve.padding, scale);
  std::vector<double> weights(points.size());
  std::vector<double> residuals(points.size());
  std::vector<double> scratch;
  for (int round = 0; round < kRounds; ++round) {
    const double reach = round == 0 ? 0 : 1.5 * std::max(ScaleOf(residuals, scratch), 1e-6);
    for (size_t p = 0; p < points.size(); ++p) {
      weights[p] = points[p].weight;
      if (round > 0) {
        weights[p] *= std::min(1.0, reach / std::max(std::fabs(residuals[p]), 1e-300));
      }
    }
    const Vector x = Solve(rows, weights);
    curve.coefficients = {x[0], x[1] / scale, x[2] / (scale * scale)};
    for (size_t p = 0; p < points.size() && round + 1 < kRounds; ++p) {
      residuals[p] = curve.AtPadded(rows[p].padded) / rows[p].cost - 1;
    }
  }
  return curve;
}

std::vector<double> SignChanges(const CostCurve& baseline, const CostCurve& candidate, double low,
                                double high, int limit) {
  std::vector<double> changes;
  double previous = 0;  // last sign that was not zero
  double from = low;
  for (int steps = 0; from < high; ++steps) {
    if (steps > limit) {
      return {};
    }
    const double to =
        std::min({NextStep(from, baseline.padding), NextStep(from, candidate.padding), high});
    const double inside = from + (to - from) * 1e-6;
    const Parabola difference = Within(candidate, inside) - Within(baseline, inside);
    const double start = difference.At(inside);
    const double end = difference.At(to);
    if (start != 0) {
      if (previous * start < 0) {
        changes.push_back(from);
      }
      previous = start;
    }
    difference.AppendZeros(inside, to, previous * end < 0, changes);
    if (end != 0) {
      previous = end;
    }
    from = to;
  }
  return changes;
}

}  // namespace cusp::analysis
