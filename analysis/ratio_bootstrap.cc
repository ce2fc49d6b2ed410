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
constexpr double kLostResamples = 0.025;  // share without a change of order

// Least squares of one curve against changing targets: weights and lengths stay,
// so only the right-hand side of the normal equations is new.
class FixedDesign {
 public:
  FixedDesign(const CostCurve& fit, std::span<const RatioPoint> points,
              const std::vector<double>& errors)
      : shape_(fit), scale_(points.back().length) {
    std::array<std::array<double, 3>, 3> normal{};
    for (size_t i = 0; i < points.size(); ++i) {
      padded_.push_back(PaddedLength(points[i].length, fit.padding));
      const double weight = 1 / (fit(points[i].length) * errors[i]);
      const std::array<double, 3> terms = CurveTerms(points[i].length, fit.padding, scale_);
      std::array<double, 3> row{};
      for (size_t k = 0; k < 3; ++k) {
        row[k] = weight * weight * terms[k];
        for (size_t l = 0; l < 3; ++l) {
          normal[k][l] += row[k] * terms[l];
        }
      }
      rows_.push_back(row);
    }
    normal_ = NormalEquations(normal);
  }

  CostCurve Fit(const std::vector<double>& targets) const {
    std::array<double, 3> right{};
    for (size_t i = 0; i < rows_.size(); ++i) {
      for (size_t k = 0; k < 3; ++k) {
        right[k] += rows_[i][k] * targets[i];
      }
    }
    CostCurve curve = shape_;
    const std::array<double, 3> x = normal_.Solve(right);
    curve.coefficients = {x[0], x[1] / scale_, x[2] / (scale_ * scale_)};
    return curve;
  }

  // The curve's costs at the points.
  void Evaluate(const CostCurve& curve, std::vector<double>& costs) const {
    for (size_t i = 0; i < padded_.size(); ++i) {
      costs[i] = curve.AtPadded(padded_[i]);
    }
  }

 private:
  CostCurve shape_;
  double scale_;
  std::vector<double> padded_;
  std::vector<std::array<double, 3>> rows_;
  NormalEquations normal_;
};

// Minus the logarithm of a product of uniform numbers: the sum of `count` exponential ones.
double ExponentialSum(size_t count, Random& random) {
  double product = 1;
  for (size_t i = 0; i < count; ++i) {
    product *= 1 - random.Uniform();
  }
  return -std::log(product);
}

// Median of `draws` values (at most kMostDraws) from ascending `pool`, with replacement. Only the
// middle one or two are made: of as many ordered uniform numbers, which are sums of exponential
// ones over the sum of all (Devroye, "Non-Uniform Random Variate Generation", 1986, section V.3).
double DrawMedian(const std::vector<double>& pool, size_t draws, Random& random) {
  const size_t half = (draws + 1) / 2;
  const double below = ExponentialSum(half, random);
  const double between = draws % 2 == 0 ? ExponentialSum(1, random) : 0;
  const double sum = below + between + ExponentialSum(half, random);
  const auto at = [&](double part) {
    const auto index = static_cast<size_t>(part / sum * static_cast<double>(pool.size()));
    return pool[std::min(index, pool.size() - 1)];
  };
  return (at(below) + at(below + between)) / 2;
}

// Draws pairs of curves as another run of the same blocks might have given.
class Resampler {
 public:
  Resampler(const RatioCurves& fitted, std::span<const RatioPoint> points)
      : fitted_(fitted),
        baseline_(fitted.baseline, points, fitted.errors),
        candidate_(fitted.candidate, points, fitted.errors),
        pool_(fitted.residuals.pool),
        first_costs_(points.size()),
        ratios_(points.size()),
        costs_(points.size()) {
    std::sort(pool_.begin(), pool_.end());
    baseline_.Evaluate(fitted.baseline, first_costs_);
    candidate_.Evaluate(fitted.candidate, costs_);
    for (size_t i = 0; i < points.size(); ++i) {
      // A median of more values than these only shrinks as their root.
      const size_t blocks = points[i].log_ratios.size();
      const size_t count = std::min(blocks, kMostDraws);
      const double shrink = std::sqrt(static_cast<double>(count) / static_cast<double>(blocks));
      points_.push_back({.draws = count,
                         .ratio = costs_[i] / first_costs_[i],
                         .scale = fitted.inflation * shrink * fitted.residuals.scales[i]});
    }
  }

  std::pair<CostCurve, CostCurve> Draw(Random& random) {
    for (size_t i = 0; i < points_.size(); ++i) {
      const double off = points_[i].scale * DrawMedian(pool_, points_[i].draws, random);
      ratios_[i] = points_[i].ratio * std::exp(off);
    }
    // Both curves move, by the same alternation that fitted them.
    std::pair<CostCurve, CostCurve> curves(fitted_.baseline, fitted_.candidate);
    costs_ = first_costs_;
    for (int round = 0; round < kAlternations; ++round) {
      for (size_t i = 0; i < costs_.size(); ++i) {
        costs_[i] *= ratios_[i];
      }
      curves.second = candidate_.Fit(costs_);
      if (round + 1 < kAlternations) {
        candidate_.Evaluate(curves.second, costs_);
        for (size_t i = 0; i < costs_.size(); ++i) {
          costs_[i] /= ratios_[i];
        }
        curves.first = baseline_.Fit(costs_);
        baseline_.Evaluate(curves.first, costs_);
      }
    }
    return curves;
  }

 private:
  struct Point {
    size_t draws = 0;
    double ratio = 0;  // as fitted
    double scale = 0;  // of a draw
  };

  const RatioCurves& fitted_;
  FixedDesign baseline_;
  FixedDesign candidate_;
  std::vector<double> pool_;  // of residuals; ascending
  std::vector<Point> points_;
  std::vector<double> first_costs_;  // of the fitted baseline
  std::vector<double> ratios_;
  std::vector<double> costs_;
};

// What to look at: between sure signs, with a margin for draws that contradict them.
struct Bounds {
  double low;
  double high;

  // First and last change of order of a pair of curves inside; where there is none, the
  // one nearest to `center`.
  std::optional<std::pair<double, double>> Changes(const CostCurve& baseline,
                                                   const CostCurve& candidate,
                                                   double center) const {
    constexpr double kMargin = 1.5;
    const std::vector<double> all = SignChanges(baseline, candidate, low / kMargin, high * kMargin);
    if (all.empty()) {
      return std::nullopt;
    }
    const auto first = std::lower_bound(all.begin(), all.end(), low);
    const auto end = std::upper_bound(first, all.end(), high);
    if (first != end) {
      return std::pair(*first, *(end - 1));
    }
    const double nearest = *std::min_element(all.begin(), all.end(), [&](double a, double b) {
      return std::fabs(a - center) < std::fabs(b - center);
    });
    return std::pair(nearest, nearest);
  }
};

// Percentiles know only the data at hand; Student's factor adds what a few
// lengths leave unknown about the noise.
double Stretch(const RatioCurves& fitted, std::span<const RatioPoint> points) {
  const auto values = static_cast<double>(fitted.residuals.pool.size());
  return StudentT95(std::min(values / 4, static_cast<double>(points.size()) - 3)) / 1.96;
}

}  // namespace

std::optional<RatioFit> BootstrapCrossing(const RatioCurves& fitted,
                                          std::span<const RatioPoint> points, double low,
                                          double high, const RatioFitOptions& options) {
  const std::vector<double> center = SignChanges(fitted.baseline, fitted.candidate, low, high);
  if (center.size() % 2 == 0) {
    return std::nullopt;
  }
  const Bounds bounds{low, high};
  Random random(options.seed);
  Resampler resampler(fitted, points);
  std::vector<double> firsts;
  std::vector<double> lasts;
  for (int i = 0; i < options.resamples; ++i) {
    const auto [baseline, candidate] = resampler.Draw(random);
    if (const auto changes = bounds.Changes(baseline, candidate, center.back())) {
      firsts.push_back(std::log(changes->first));
      lasts.push_back(std::log(changes->second));
    }
  }
  const auto lost = static_cast<double>(options.resamples) - static_cast<double>(lasts.size());
  if (lasts.empty() || lost > kLostResamples * options.resamples) {
    return std::nullopt;
  }
  std::sort(firsts.begin(), firsts.end());
  std::sort(lasts.begin(), lasts.end());
  const double stretch = Stretch(fitted, points);
  const double first = std::log(center.front());
  const double last = std::log(center.back());
  // Draws may all lie on one side, where there is next to no noise.
  return RatioFit{
      center.back(),
      std::min(center.front(), std::exp(first + stretch * (Quantile(firsts, 0.025) - first))),
      std::max(center.back(), std::exp(last + stretch * (Quantile(lasts, 0.975) - last)))};
}

}  // namespace cusp::analysis
