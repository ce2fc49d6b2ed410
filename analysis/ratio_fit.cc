#include "analysis/ratio_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "analysis/cost_fit.h"
#include "analysis/statistics.h"
#include "common/random.h"

namespace cusp::analysis {
namespace {

constexpr int kRounds = 6;  // of alternating fits
constexpr size_t kFewestLengths = 4;
constexpr size_t kMostLengths = 64;  // more add time, not knowledge
constexpr size_t kMostDraws = 32;
constexpr double kNormal95 = 1.644854;   // one-sided 95 %, for the lack-of-fit test
constexpr double kMedianError = 1.2533;  // of a median beside a mean, normal data
constexpr double kScaleFloor = 1e-4;
constexpr double kLostResamples = 0.025;  // share without a single crossing

// A fitted pair of curves with what the bootstrap needs.
struct Fitted {
  CostCurve baseline;
  CostCurve candidate;
  std::vector<double> errors;  // standard error of each point's median
  double inflation = 1;        // of errors, for lack of fit within its limit
  double dof = 1;
};

// Residuals around each length's own median, in units of that length's scale.
struct Residuals {
  std::vector<double> pool;
  std::vector<double> scales;
};

Residuals Collect(const std::vector<RatioPoint>& points) {
  Residuals residuals;
  std::vector<double> raw;
  for (const RatioPoint& point : points) {
    // A median leaves n - 1 of n squares: small counts are stretched back.
    const auto n = static_cast<double>(point.log_ratios.size());
    const double stretch = n > 1 ? std::sqrt(n / (n - 1)) : 1;
    for (double value : point.log_ratios) {
      raw.push_back(stretch * (value - point.log_ratio));
    }
  }
  const double common = std::max(RobustScale(raw, 0), kScaleFloor);
  size_t next = 0;
  for (const RatioPoint& point : points) {
    const auto n = static_cast<double>(point.log_ratios.size());
    const double own = RobustScale(point.log_ratios, point.log_ratio);
    // Own and common scale, as if the common one stood on eight more values.
    const double scale = std::sqrt((n * own * own + 8 * common * common) / (n + 8));
    residuals.scales.push_back(scale);
    for (size_t i = 0; i < point.log_ratios.size(); ++i) {
      residuals.pool.push_back(raw[next++] / scale);
    }
  }
  return residuals;
}

// Fits the candidate's curve to the baseline's curve times the ratios.
CostCurve FitOther(const CostCurve& known, const std::vector<RatioPoint>& points,
                   const std::vector<double>& errors, double sign, int64_t quantum) {
  std::vector<CurvePoint> targets;
  for (size_t i = 0; i < points.size(); ++i) {
    targets.push_back({points[i].length,
                       known(points[i].length) * std::exp(sign * points[i].log_ratio),
                       1 / (errors[i] * errors[i])});
  }
  return FitCost(targets, quantum);
}

// Nothing where the lack-of-fit test fails.
std::optional<Fitted> TryFit(const std::vector<RatioPoint>& points,
                             const RatioFitOptions& options) {
  Fitted fitted;
  const Residuals residuals = Collect(points);
  std::vector<CurvePoint> costs;
  for (size_t i = 0; i < points.size(); ++i) {
    const double root = std::sqrt(static_cast<double>(points[i].log_ratios.size()));
    fitted.errors.push_back(kMedianError * residuals.scales[i] / root);
    costs.push_back({points[i].length, points[i].baseline, 1});
  }
  fitted.baseline = FitCost(costs, options.baseline_quantum);
  // What the baseline's own fit misses (drift, mostly) must not bend the ratio,
  // so each curve is refitted to the other's and the ratios between them.
  for (int round = 0; round < kRounds; ++round) {
    fitted.candidate =
        FitOther(fitted.baseline, points, fitted.errors, 1, options.candidate_quantum);
    if (round + 1 < kRounds) {
      fitted.baseline =
          FitOther(fitted.candidate, points, fitted.errors, -1, options.baseline_quantum);
    }
  }
  double chi_square = 0;
  for (size_t i = 0; i < points.size(); ++i) {
    const double ratio = fitted.candidate(points[i].length) / fitted.baseline(points[i].length);
    const double z = (points[i].log_ratio - std::log(ratio)) / fitted.errors[i];
    chi_square += z * z;
  }
  size_t parameters = 0;
  for (double coefficient : fitted.candidate.coefficients) {
    parameters += coefficient > 0 ? 1U : 0U;
  }
  if (!(chi_square >= 0) || points.size() <= parameters) {
    return std::nullopt;
  }
  fitted.dof = static_cast<double>(points.size() - parameters);
  if (chi_square > ChiSquareQuantile(fitted.dof, kNormal95)) {
    return std::nullopt;
  }
  fitted.inflation = std::sqrt(std::max(1.0, chi_square / fitted.dof));
  return fitted;
}

// Least squares of one curve against changing targets: weights and lengths stay,
// so only the right-hand side of the normal equations is new.
class FixedDesign {
 public:
  FixedDesign(const CostCurve& fit, const std::vector<RatioPoint>& points,
              const std::vector<double>& errors)
      : shape_(fit), scale_(points.back().length) {
    for (size_t i = 0; i < points.size(); ++i) {
      const double weight = 1 / (fit(points[i].length) * errors[i]);
      const std::array<double, 3> terms = CurveTerms(points[i].length, fit.quantum, scale_);
      std::array<double, 3> row{};
      for (size_t k = 0; k < 3; ++k) {
        row[k] = weight * weight * terms[k];
        for (size_t l = 0; l < 3; ++l) {
          normal_[k][l] += row[k] * terms[l];
        }
      }
      rows_.push_back(row);
    }
  }

  CostCurve Fit(const std::vector<double>& targets) const {
    std::array<double, 3> right{};
    for (size_t i = 0; i < rows_.size(); ++i) {
      for (size_t k = 0; k < 3; ++k) {
        right[k] += rows_[i][k] * targets[i];
      }
    }
    CostCurve curve = shape_;
    const std::array<double, 3> x = SolveNonNegative(normal_, right);
    curve.coefficients = {x[0], x[1] / scale_, x[2] / (scale_ * scale_)};
    return curve;
  }

 private:
  CostCurve shape_;
  double scale_;
  std::vector<std::array<double, 3>> rows_;
  std::array<std::array<double, 3>, 3> normal_{};
};

// Draws pairs of curves as another run of the same blocks might have given.
class Resampler {
 public:
  Resampler(const Fitted& fitted, const std::vector<RatioPoint>& points)
      : fitted_(fitted),
        points_(points),
        residuals_(Collect(points)),
        baseline_(fitted.baseline, points, fitted.errors),
        candidate_(fitted.candidate, points, fitted.errors),
        ratios_(points.size()),
        targets_(points.size()) {}

  std::pair<CostCurve, CostCurve> Draw(Random& random) {
    for (size_t i = 0; i < points_.size(); ++i) {
      draws_.clear();
      // A median of more values than these only shrinks as their root.
      const size_t blocks = points_[i].log_ratios.size();
      const size_t count = std::min(blocks, kMostDraws);
      const double shrink = std::sqrt(static_cast<double>(count) / static_cast<double>(blocks));
      for (size_t d = 0; d < count; ++d) {
        draws_.push_back(residuals_.pool[random.Below(residuals_.pool.size())]);
      }
      const double n = points_[i].length;
      ratios_[i] = fitted_.candidate(n) / fitted_.baseline(n) *
                   std::exp(fitted_.inflation * shrink * residuals_.scales[i] * MiddleDraw());
    }
    // Both curves move, by the same alternation that fitted them.
    std::pair<CostCurve, CostCurve> curves(fitted_.baseline, fitted_.candidate);
    for (int round = 0; round < kRounds; ++round) {
      curves.second = Refit(candidate_, curves.first, 1);
      if (round + 1 < kRounds) {
        curves.first = Refit(baseline_, curves.second, -1);
      }
    }
    return curves;
  }

  size_t PoolSize() const { return residuals_.pool.size(); }

 private:
  // Median of draws_, in their own place: this is the innermost loop.
  double MiddleDraw() {
    const auto middle = draws_.begin() + static_cast<std::ptrdiff_t>(draws_.size() / 2);
    std::nth_element(draws_.begin(), middle, draws_.end());
    return draws_.size() % 2 == 1 ? *middle
                                  : (*middle + *std::max_element(draws_.begin(), middle)) / 2;
  }

  CostCurve Refit(const FixedDesign& design, const CostCurve& known, int sign) {
    for (size_t i = 0; i < points_.size(); ++i) {
      const double cost = known(points_[i].length);
      targets_[i] = sign > 0 ? cost * ratios_[i] : cost / ratios_[i];
    }
    return design.Fit(targets_);
  }

  const Fitted& fitted_;
  const std::vector<RatioPoint>& points_;
  Residuals residuals_;
  FixedDesign baseline_;
  FixedDesign candidate_;
  std::vector<double> draws_;
  std::vector<double> ratios_;
  std::vector<double> targets_;
};

std::optional<RatioFit> Bootstrap(const Fitted& fitted, const std::vector<RatioPoint>& points,
                                  double low, double high, const RatioFitOptions& options) {
  const std::vector<double> center = SignChanges(fitted.baseline, fitted.candidate, low, high);
  if (center.size() != 1) {
    return std::nullopt;
  }
  Random random(options.seed);
  Resampler resampler(fitted, points);
  std::vector<double> logs;
  for (int i = 0; i < options.resamples; ++i) {
    const auto [baseline, candidate] = resampler.Draw(random);
    const std::vector<double> changes = SignChanges(baseline, candidate, low / 1.5, high * 1.5);
    // Of several, the one nearest to the estimate is the one in question.
    if (!changes.empty()) {
      const auto nearest = std::min_element(
          changes.begin(), changes.end(),
          [&](double a, double b) { return std::fabs(a - center[0]) < std::fabs(b - center[0]); });
      logs.push_back(std::log(*nearest));
    }
  }
  const auto lost = static_cast<double>(options.resamples) - static_cast<double>(logs.size());
  if (logs.empty() || lost > kLostResamples * options.resamples) {
    return std::nullopt;
  }
  std::sort(logs.begin(), logs.end());
  // Percentiles know only the data at hand; Student's factor adds what a few
  // lengths leave unknown about the noise.
  const auto values = static_cast<double>(resampler.PoolSize());
  const double dof = std::min(values / 4, static_cast<double>(points.size()) - 3);
  const double stretch = StudentT95(dof) / 1.96;
  const double middle = std::log(center[0]);
  return RatioFit{center[0], std::exp(middle + stretch * (Quantile(logs, 0.025) - middle)),
                  std::exp(middle + stretch * (Quantile(logs, 0.975) - middle))};
}

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
    if (const std::optional<Fitted> fitted = TryFit(window, options)) {
      return Bootstrap(*fitted, window, low, high, options);
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
