#include "analysis/ratio_bootstrap.h"

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

constexpr size_t kMostDraws = 32;
constexpr double kLostResamples = 0.025;  // share without a single crossing

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
  Resampler(const RatioCurves& fitted, const std::vector<RatioPoint>& points)
      : fitted_(fitted),
        points_(points),
        residuals_(fitted.residuals),
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
    for (int round = 0; round < kAlternations; ++round) {
      curves.second = Refit(candidate_, curves.first, 1);
      if (round + 1 < kAlternations) {
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

  const RatioCurves& fitted_;
  const std::vector<RatioPoint>& points_;
  const Residuals& residuals_;
  FixedDesign baseline_;
  FixedDesign candidate_;
  std::vector<double> draws_;
  std::vector<double> ratios_;
  std::vector<double> targets_;
};

}  // namespace

std::optional<RatioFit> BootstrapCrossing(const RatioCurves& fitted,
                                          const std::vector<RatioPoint>& points, double low,
                                          double high, const RatioFitOptions& options) {
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

}  // namespace cusp::analysis
