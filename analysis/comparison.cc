#include "analysis/comparison.h"

#include <algorithm>
#include <cmath>

#include "analysis/crossings.h"
#include "analysis/ratio_fit.h"
#include "analysis/sign_test.h"
#include "analysis/statistics.h"
#include "analysis/verdict.h"

namespace cusp::analysis {
namespace {

// Values behind the common noise below which it is not known.
constexpr size_t kFewestForPool = 8;

// Log-ratios of the blocks in which at least one of both fitted into memory.
std::vector<double> LogRatios(const std::vector<CostPair>& pairs) {
  std::vector<double> ratios;
  ratios.reserve(pairs.size());
  for (const CostPair& pair : pairs) {
    if (!std::isinf(pair.baseline) || !std::isinf(pair.candidate)) {
      ratios.push_back(std::log(pair.candidate / pair.baseline));
    }
  }
  return ratios;
}

// Robust scale of all finite ratios around the median of their length; 0: not
// known.
struct Pooled {
  double scale = 0;
  double dof = 0;
};

Pooled PooledScale(const std::vector<std::vector<double>>& ratios) {
  std::vector<double> residuals;
  double dof = 0;
  for (const std::vector<double>& values : ratios) {
    const double median = values.size() < 2 ? 0 : Median(values);
    if (values.size() < 2 || std::isinf(median)) {
      continue;
    }
    const auto n = static_cast<double>(values.size());
    dof += n - 1;
    for (double value : values) {
      residuals.push_back(std::sqrt(n / (n - 1)) * (value - median));
    }
  }
  return residuals.size() < kFewestForPool ? Pooled() : Pooled{RobustScale(residuals, 0), dof};
}

Sign ExactSign(double log_ratio) {
  if (log_ratio == 0) {
    return Sign::kEqual;
  }
  return log_ratio < 0 ? Sign::kCheaper : Sign::kDearer;
}

// Everything about one comparison that is computed on the way to its result.
class Comparer {
 public:
  Comparer(const std::vector<LengthData>& data, const CompareOptions& options)
      : data_(data), options_(options) {}

  ComparisonResult Run() {
    ComparisonResult result;
    if (data_.empty()) {
      return result;
    }
    result.range_min = data_.front().length;
    result.range_max = data_.back().length;
    Summarise(result);
    for (const LengthSummary& summary : summaries_) {
      if (summary.sign == Sign::kUnclear) {
        result.undecided_lengths.push_back(summary.length);
      } else if (summary.sign == Sign::kEqual) {
        result.equal_lengths.push_back(summary.length);
      }
    }
    const std::vector<Bracket> brackets = FindBrackets(summaries_);
    for (const Bracket& bracket : brackets) {
      result.crossings.push_back(Locate(bracket, brackets.size() == 1));
      result.brackets.emplace_back(summaries_[bracket.before].length,
                                   summaries_[bracket.after].length);
    }
    Conclude(summaries_, options_.exact, result);
    return result;
  }

 private:
  void Summarise(ComparisonResult& result) {
    std::vector<std::vector<double>> ratios;
    for (const LengthData& at : data_) {
      std::vector<double> values = LogRatios(at.pairs);
      if (values.empty()) {
        continue;
      }
      result.blocks_used += static_cast<int64_t>(values.size());
      summaries_.push_back({at.length, Sign::kUnclear, Median(values)});
      sources_.push_back(&at);
      ratios.push_back(std::move(values));
    }
    SignOptions sign;
    sign.alpha = options_.error_rate / static_cast<double>(std::max<size_t>(summaries_.size(), 1));
    sign.equal_within = options_.equal_within;
    sign.min_blocks = options_.min_blocks;
    sign.early_blocks = options_.early_blocks;
    if (!options_.exact) {
      const Pooled pooled = PooledScale(ratios);
      sign.pooled_scale = pooled.scale;
      sign.pooled_dof = pooled.dof;
    }
    for (size_t i = 0; i < summaries_.size(); ++i) {
      summaries_[i].sign =
          options_.exact ? ExactSign(summaries_[i].log_ratio) : DecideSign(ratios[i], sign);
    }
  }

  // Points with at least two finite ratios, for the fit.
  std::vector<RatioPoint> FitPoints() const {
    std::vector<RatioPoint> points;
    for (size_t i = 0; i < summaries_.size(); ++i) {
      RatioPoint point;
      std::vector<double> baselines;
      for (const CostPair& pair : sources_[i]->pairs) {
        if (!std::isinf(pair.baseline) && !std::isinf(pair.candidate)) {
          baselines.push_back(pair.baseline);
          point.log_ratios.push_back(std::log(pair.candidate / pair.baseline));
        }
      }
      if (baselines.size() >= 2) {
        point.length = static_cast<double>(summaries_[i].length);
        point.baseline = Median(baselines);
        point.log_ratio = Median(point.log_ratios);
        points.push_back(std::move(point));
      }
    }
    return points;
  }

  Crossing Locate(const Bracket& bracket, bool alone) const {
    Crossing crossing;
    crossing.direction = bracket.direction;
    crossing.low = static_cast<double>(summaries_[bracket.before].length);
    crossing.high = static_cast<double>(summaries_[bracket.after].length);
    crossing.length = InterpolateCrossing(summaries_, bracket);
    const bool finite = !std::isinf(summaries_[bracket.before].log_ratio) &&
                        !std::isinf(summaries_[bracket.after].log_ratio);
    if (options_.exact || options_.resamples == 0 || !alone || !finite) {
      return crossing;
    }
    RatioFitOptions fit_options;
    fit_options.baseline_padding = options_.baseline_padding;
    fit_options.candidate_padding = options_.candidate_padding;
    fit_options.resamples = options_.resamples;
    fit_options.seed = options_.seed;
    const auto fit = FitRatio(FitPoints(), crossing.low, crossing.high, fit_options);
    // Both signs are sure, so the truth is inside the bracket; a fit that says
    // otherwise is wrong.
    if (fit && fit->low < crossing.high && fit->high > crossing.low) {
      crossing.length = fit->length;
      crossing.low = std::max(crossing.low, fit->low);
      crossing.high = std::min(crossing.high, fit->high);
    }
    return crossing;
  }

  const std::vector<LengthData>& data_;
  const CompareOptions& options_;
  std::vector<LengthSummary> summaries_;
  std::vector<const LengthData*> sources_;  // beside summaries_
};

}  // namespace

std::string_view ToString(Verdict verdict) {
  switch (verdict) {
    case Verdict::kCrosses:
      return "crosses";
    case Verdict::kAlways:
      return "always";
    case Verdict::kNever:
      return "never";
    case Verdict::kUndecided:
      break;
  }
  return "undecided";
}

std::string_view ToString(Direction direction) {
  return direction == Direction::kCheaper ? "cheaper" : "dearer";
}

ComparisonResult Compare(const std::vector<LengthData>& data, const CompareOptions& options) {
  return Comparer(data, options).Run();
}

}  // namespace cusp::analysis
