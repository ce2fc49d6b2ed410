#include "analysis/recommend.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "analysis/choice_rule.h"
#include "analysis/statistics.h"

namespace cusp::analysis {
namespace {

CostMatrix Weighted(const std::vector<CostFunction>& functions,
                    const std::vector<LengthCount>& lengths) {
  CostMatrix costs;
  for (const CostFunction& function : functions) {
    std::vector<double>& row = costs.emplace_back();
    for (const LengthCount& entry : lengths) {
      row.push_back(entry.count * function(entry.length));
    }
  }
  return costs;
}

// The middle 95 % of `draws`, widened from `value` by `stretch`. The value alone where it is
// infinite, or where a draw is.
Estimate Interval(double value, std::vector<double> draws, double stretch) {
  const bool known =
      std::isfinite(value) && !draws.empty() &&
      std::all_of(draws.begin(), draws.end(), [](double d) { return std::isfinite(d); });
  if (!known) {
    return {value, value, value};
  }
  std::sort(draws.begin(), draws.end());
  const double low = Quantile(draws, 0.025);
  const double high = Quantile(draws, 0.975);
  return {value, std::min(value, value - stretch * (value - low)),
          std::max(value, value + stretch * (high - value))};
}

// A resample of n blocks scatters by sqrt((n - 1) / n) too little.
double Stretching(const std::vector<VariantCosts>& variants) {
  std::vector<double> counts;
  for (const VariantCosts& variant : variants) {
    for (const CostsAtLength& at : variant.lengths) {
      counts.push_back(static_cast<double>(at.costs.size()));
    }
  }
  const double count = counts.empty() ? 1 : Median(std::move(counts));
  return count > 1 ? std::sqrt(count / (count - 1)) : 1;
}

// From where on, between two lengths, `next` is no dearer than `now`: the first such place
// on a fine grid. `high` at the latest, where the rule has it.
double Change(const CostFunction& now, const CostFunction& next, double low, double high) {
  constexpr int kPlaces = 256;
  for (int i = 1; i < kPlaces; ++i) {
    const double length = low * std::pow(high / low, static_cast<double>(i) / kPlaces);
    if (next(length) <= now(length)) {
      return std::ceil(length);
    }
  }
  return high;
}

}  // namespace

Recommendation Recommend(const std::vector<VariantCosts>& variants,
                         const std::vector<LengthCount>& lengths, const RecommendOptions& options) {
  const CostResampler resampler(variants);
  const std::vector<CostFunction> functions = resampler.Whole();
  const CostMatrix costs = Weighted(functions, lengths);
  const StretchSums whole(costs);
  std::vector<StretchSums> draws;
  Random random(options.seed);
  for (int r = 0; r < options.resamples; ++r) {
    draws.emplace_back(Weighted(resampler.Draw(random), lengths));
  }
  const std::vector<Stretch> rule = ChoiceRule(costs, whole, draws, options.least_saving);

  Recommendation found;
  const size_t best = whole.Best();
  const double reference = whole.All(best);
  const bool serves = std::isfinite(reference);
  const double stretching = Stretching(variants);
  const auto interval = [&](double value, const auto& of_draw) {
    std::vector<double> values;
    for (const StretchSums& draw : draws) {
      values.push_back(of_draw(draw));
    }
    return Interval(value, std::move(values), stretching);
  };
  for (size_t v = 0; v < variants.size(); ++v) {
    found.expected.push_back(
        interval(whole.All(v), [v](const StretchSums& draw) { return draw.All(v); }));
    const double ratio =
        serves ? whole.All(v) / reference : std::numeric_limits<double>::infinity();
    found.relative.push_back(
        interval(ratio, [&](const StretchSums& draw) { return draw.All(v) / draw.All(best); }));
  }
  const double chosen = CostOf(whole, rule);
  found.by_choice = interval(chosen, [&](const StretchSums& draw) { return CostOf(draw, rule); });
  if (serves) {
    found.best = best;
    found.saving = interval(1 - chosen / reference, [&](const StretchSums& draw) {
      return 1 - CostOf(draw, rule) / draw.All(best);
    });
  }
  for (size_t s = 0; s < rule.size(); ++s) {
    const size_t begin = rule[s].begin;
    const double from = s == 0 ? lengths[0].length
                               : Change(functions[rule[s - 1].variant], functions[rule[s].variant],
                                        lengths[begin - 1].length, lengths[begin].length);
    found.choices.push_back({from, rule[s].variant});
  }
  return found;
}

}  // namespace cusp::analysis
