#include "analysis/comparison.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "analysis/crossings.h"
#include "analysis/hidden_stretch.h"
#include "analysis/ratio_bootstrap.h"
#include "analysis/ratio_curves.h"
#include "analysis/ratio_fit.h"
#include "analysis/sign_test.h"
#include "analysis/statistics.h"
#include "analysis/tile_search.h"
#include "analysis/verdict.h"

namespace cusp::analysis {
namespace {

// Values behind the common noise below which it is not known.
constexpr size_t kFewestForPool = 8;

// Whether at least one of both fitted into memory.
bool IsComparable(const CostPair& pair) {
  return !std::isinf(pair.baseline) || !std::isinf(pair.candidate);
}

// Log-ratios of these blocks.
std::vector<double> LogRatios(const std::vector<CostPair>& pairs) {
  std::vector<double> ratios;
  ratios.reserve(pairs.size());
  for (const CostPair& pair : pairs) {
    if (IsComparable(pair)) {
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

// At least one of both is finite.
Sign ExactSign(const CostPair& costs, double resolution) {
  const double difference = costs.candidate - costs.baseline;
  if (difference == 0 || std::abs(difference) < resolution) {
    return Sign::kEqual;
  }
  return difference < 0 ? Sign::kCheaper : Sign::kDearer;
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
    fit_options_.baseline_padding = options_.baseline_padding;
    fit_options_.candidate_padding = options_.candidate_padding;
    fit_options_.resamples = options_.resamples;
    fit_options_.seed = options_.seed;
    result.padding = {options_.baseline_padding, options_.candidate_padding};
    if (!options_.exact && options_.resamples > 0 && !brackets.empty()) {
      points_ = Thinned(RatioPoints(data_));
      const TileSearch tiles = FindTiles(points_, fit_options_);
      result.padding = tiles.padding;
      result.searched_tiles = tiles.searched;
      fit_options_.baseline_padding = result.padding.baseline;
      fit_options_.candidate_padding = result.padding.candidate;
    }
    for (const Bracket& bracket : brackets) {
      result.crossings.push_back(Locate(bracket, brackets.size() == 1));
      result.brackets.emplace_back(summaries_[bracket.before].length,
                                   summaries_[bracket.after].length);
    }
    result.located = result.crossings;
    bool curves_speak = false;
    result.crossings = Widened(std::move(result.crossings), brackets, curves_speak);
    if (!options_.exact && !brackets.empty() && !curves_speak) {
      WidenOverUnclear(brackets.back(), result.crossings.back());
    }
    Conclude(summaries_, options_.exact && options_.resolution == 0, result);
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
      if (options_.exact) {
        const auto first = std::find_if(at.pairs.begin(), at.pairs.end(), IsComparable);
        summaries_.back().sign = ExactSign(*first, options_.resolution);
      }
      ratios.push_back(std::move(values));
    }
    if (options_.exact) {
      return;
    }
    SignOptions sign;
    sign.alpha = options_.error_rate / static_cast<double>(std::max<size_t>(summaries_.size(), 1));
    sign.equal_within = options_.equal_within;
    sign.min_blocks = options_.min_blocks;
    sign.early_blocks = options_.early_blocks;
    const Pooled pooled = PooledScale(ratios);
    sign.pooled_scale = pooled_scale_ = pooled.scale;
    sign.pooled_dof = pooled.dof;
    for (size_t i = 0; i < summaries_.size(); ++i) {
      summaries_[i].sign = DecideSign(ratios[i], sign);
    }
  }

  // Over changes of order that only curves show, where these are to be trusted. Behind a
  // crossing to cheaper the candidate stays cheaper from the end of such a stretch on.
  // `curves_speak`: they are, for padded lengths.
  std::vector<Crossing> Widened(std::vector<Crossing> crossings,
                                const std::vector<Bracket>& brackets, bool& curves_speak) const {
    const PairPadding padding{fit_options_.baseline_padding, fit_options_.candidate_padding};
    if (points_.empty() || padding.IsSmooth()) {
      return crossings;
    }
    const RatioCurves curves = FitCurves(points_, fit_options_);
    curves_speak = curves.NearlyFits();
    if (!curves_speak) {
      return crossings;
    }
    for (const HiddenStretch& hidden : FindHidden(crossings, brackets, summaries_, curves.baseline,
                                                  curves.candidate, options_.equal_within)) {
      Crossing& crossing = crossings[hidden.crossing];
      const double middle = (hidden.low + hidden.high) / 2;
      if (hidden.behind) {
        const auto end =
            BootstrapCrossing(curves, points_, middle, hidden.sure_after, fit_options_);
        crossing.high = std::max(crossing.high, end ? end->high : hidden.sure_after);
        if (crossing.direction == Direction::kCheaper) {
          crossing.length = hidden.high;
        }
      } else {
        const auto begin =
            BootstrapCrossing(curves, points_, hidden.sure_before, middle, fit_options_);
        crossing.low = std::min(crossing.low, begin ? begin->low : hidden.sure_before);
      }
    }
    return crossings;
  }

  // Whether the one-sided 99 % interval of the median reaches there, by the larger of the
  // length's own scale and that of the whole comparison.
  bool MayBeDearer(const LengthSummary& at) const {
    constexpr double kNormal99 = 2.3263;
    const auto found = std::find_if(data_.begin(), data_.end(), [&at](const LengthData& data) {
      return data.length == at.length;
    });
    const std::vector<double> ratios = LogRatios(found->pairs);
    const double scale = std::max(RobustScale(ratios, at.log_ratio), pooled_scale_);
    const double error = kMedianError * scale / std::sqrt(static_cast<double>(ratios.size()));
    return at.log_ratio + kNormal99 * error > 0;
  }

  // Behind the last crossing, where no fit speaks for the lengths between the sure ones: up to
  // the next sure length, where one that is unclear might well be dearer again.
  void WidenOverUnclear(const Bracket& bracket, Crossing& crossing) const {
    const auto length_of = [this](size_t i) { return static_cast<double>(summaries_[i].length); };
    if (bracket.direction != Direction::kCheaper || summaries_.back().sign != Sign::kCheaper ||
        crossing.low > length_of(bracket.before) || crossing.high < length_of(bracket.after)) {
      return;
    }
    for (size_t i = summaries_.size() - 1; i > bracket.after; --i) {
      if (summaries_[i].sign != Sign::kUnclear || !MayBeDearer(summaries_[i])) {
        continue;
      }
      size_t sure = i;
      while (summaries_[sure].sign != Sign::kCheaper) {
        ++sure;
      }
      crossing.high = std::max(crossing.high, length_of(sure));
      return;
    }
  }

  Crossing Locate(const Bracket& bracket, bool alone) const {
    Crossing crossing;
    crossing.direction = bracket.direction;
    crossing.low = static_cast<double>(summaries_[bracket.before].length);
    crossing.high = static_cast<double>(summaries_[bracket.after].length);
    crossing.length = InterpolateCrossing(summaries_, bracket);
    const bool finite = std::isfinite(summaries_[bracket.before].log_ratio) &&
                        std::isfinite(summaries_[bracket.after].log_ratio);
    if (options_.exact || options_.resamples == 0 || !alone || !finite) {
      return crossing;
    }
    const auto fit = FitRatio(points_, crossing.low, crossing.high, fit_options_);
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
  double pooled_scale_ = 0;         // of all log-ratios; 0: not known, or exact
  std::vector<RatioPoint> points_;  // where anything is fitted
  RatioFitOptions fit_options_;
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
