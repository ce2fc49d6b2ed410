#include "analysis/ratio_curves.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "analysis/statistics.h"

namespace cusp::analysis {
namespace {

// One-sided quantiles, for the lack-of-fit test.
constexpr double kNormal95 = 1.644854;
constexpr double kNormal999 = 3.090232;
constexpr size_t kMostLengths = 64;
constexpr double kScaleFloor = 1e-4;

Residuals Collect(std::span<const RatioPoint> points) {
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
    // Own and common scale, as if the common one stood on eight more values. A robust scale is
    // worth that of fewer values; taken as all of them, lengths that scatter little by chance
    // get too much weight, and intervals get too narrow.
    const double worth = kRobustEfficiency * n;
    const double scale = std::sqrt((worth * own * own + 8 * common * common) / (worth + 8));
    residuals.scales.push_back(scale);
    for (size_t i = 0; i < point.log_ratios.size(); ++i) {
      residuals.pool.push_back(raw[next++] / scale);
    }
  }
  return residuals;
}

// Fits the candidate's curve to the baseline's curve times the ratios.
CostCurve FitOther(const CostCurve& known, std::span<const RatioPoint> points,
                   const std::vector<double>& errors, double sign, const Padding& padding) {
  std::vector<CurvePoint> targets;
  for (size_t i = 0; i < points.size(); ++i) {
    targets.push_back({points[i].length,
                       known(points[i].length) * std::exp(sign * points[i].log_ratio),
                       1 / (errors[i] * errors[i])});
  }
  return FitCost(targets, padding);
}

}  // namespace

std::vector<RatioPoint> RatioPoints(const std::vector<LengthData>& data) {
  std::vector<RatioPoint> points;
  for (const LengthData& at : data) {
    RatioPoint point;
    std::vector<double> baselines;
    for (const CostPair& pair : at.pairs) {
      if (!std::isinf(pair.baseline) && !std::isinf(pair.candidate)) {
        baselines.push_back(pair.baseline);
        point.log_ratios.push_back(std::log(pair.candidate / pair.baseline));
      }
    }
    if (baselines.size() >= 2) {
      point.length = static_cast<double>(at.length);
      point.baseline = Median(baselines);
      point.log_ratio = Median(point.log_ratios);
      points.push_back(std::move(point));
    }
  }
  return points;
}

std::vector<RatioPoint> Thinned(const std::vector<RatioPoint>& points) {
  if (points.size() <= kMostLengths) {
    return points;
  }
  // Equal strides might meet every tile of a saw-tooth at the same place, where it looks smooth.
  constexpr double kGolden = 0.6180339887498949;
  const double part = static_cast<double>(points.size()) / static_cast<double>(kMostLengths);
  std::vector<RatioPoint> thinned;
  for (size_t i = 0; i < kMostLengths; ++i) {
    const auto place = static_cast<double>(i);
    const double within = place * kGolden - std::floor(place * kGolden);
    thinned.push_back(points[static_cast<size_t>(part * (place + within))]);
  }
  return thinned;
}

double ChiSquareLimit(double dof) { return ChiSquareQuantile(dof, kNormal95); }

bool RatioCurves::NearlyFits() const {
  return dof > 0 && chi_square <= ChiSquareQuantile(dof, kNormal999);
}

bool RatioCurves::Fits() const { return dof > 0 && chi_square <= ChiSquareLimit(dof); }

RatioCurves FitCurves(std::span<const RatioPoint> points, const RatioFitOptions& options) {
  RatioCurves fitted;
  fitted.residuals = Collect(points);
  std::vector<CurvePoint> costs;
  for (size_t i = 0; i < points.size(); ++i) {
    const double root = std::sqrt(static_cast<double>(points[i].log_ratios.size()));
    fitted.errors.push_back(kMedianError * fitted.residuals.scales[i] / root);
    costs.push_back({points[i].length, points[i].baseline, 1});
  }
  fitted.baseline = FitCost(costs, options.baseline_padding);
  // What the baseline's own fit misses (drift, mostly) must not bend the ratio,
  // so each curve is refitted to the other's and the ratios between them.
  for (int round = 0; round < kAlternations; ++round) {
    fitted.candidate =
        FitOther(fitted.baseline, points, fitted.errors, 1, options.candidate_padding);
    if (round + 1 < kAlternations) {
      fitted.baseline =
          FitOther(fitted.candidate, points, fitted.errors, -1, options.baseline_padding);
    }
  }
  for (size_t i = 0; i < points.size(); ++i) {
    const double ratio = fitted.candidate(points[i].length) / fitted.baseline(points[i].length);
    const double z = (points[i].log_ratio - std::log(ratio)) / fitted.errors[i];
    fitted.chi_square += z * z;
  }
  size_t parameters = 0;
  for (double coefficient : fitted.candidate.coefficients) {
    parameters += coefficient > 0 ? 1U : 0U;
  }
  if (points.size() > parameters) {
    fitted.dof = static_cast<double>(points.size() - parameters);
    fitted.inflation = std::sqrt(std::max(1.0, fitted.chi_square / fitted.dof));
  }
  return fitted;
}

}  // namespace cusp::analysis
