#include "analysis/choice_rule.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "common/check.h"

namespace cusp::analysis {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kSure = 0.975;  // share of draws in which a change must save

std::vector<Stretch> Cheapest(const CostMatrix& costs) {
  std::vector<Stretch> stretches;
  for (size_t i = 0; i < costs[0].size(); ++i) {
    size_t cheapest = stretches.empty() ? 0 : stretches.back().variant;
    for (size_t v = 0; v < costs.size(); ++v) {
      cheapest = costs[v][i] < costs[cheapest][i] ? v : cheapest;
    }
    if (stretches.empty() || stretches.back().variant != cheapest) {
      stretches.push_back({i, cheapest});
    }
  }
  return stretches;
}

// Removes the least useful changes from a rule.
class Simplifier {
 public:
  Simplifier(const StretchSums& whole, const std::vector<StretchSums>& draws, double allowed,
             std::vector<Stretch> rule)
      : whole_(whole), draws_(draws), allowed_(allowed), rule_(std::move(rule)) {}

  std::vector<Stretch> Run() {
    while (const std::optional<Join> join = CheapestJoin()) {
      lost_ += std::max(join->loss, 0.0);
      Apply(*join);
    }
    return std::move(rule_);
  }

 private:
  // Stretch `at` taken over by the variant of a neighbour.
  struct Join {
    size_t at = 0;
    size_t variant = 0;
    double loss = kInfinity;
  };

  size_t End(size_t s) const {
    return s + 1 < rule_.size() ? rule_[s + 1].begin : whole_.lengths();
  }

  double Loss(const StretchSums& sums, size_t at, size_t variant) const {
    const double now = sums.Of(rule_[at].variant, rule_[at].begin, End(at));
    return sums.Of(variant, rule_[at].begin, End(at)) - now;
  }

  // Of those that cost little, or not surely anything.
  std::optional<Join> CheapestJoin() const {
    std::optional<Join> best;
    for (size_t s = 0; s < rule_.size(); ++s) {
      for (const size_t neighbour : {s - 1, s + 1}) {
        if (neighbour >= rule_.size()) {
          continue;
        }
        const Join join{s, rule_[neighbour].variant, Loss(whole_, s, rule_[neighbour].variant)};
        const bool cheaper = join.loss < (best ? best->loss : kInfinity);
        if (cheaper && (lost_ + join.loss <= allowed_ || !SurelySaves(join))) {
          best = join;
        }
      }
    }
    return best;
  }

  bool SurelySaves(const Join& join) const {
    const auto saves = std::count_if(draws_.begin(), draws_.end(), [&](const StretchSums& draw) {
      return Loss(draw, join.at, join.variant) > 0;
    });
    return static_cast<double>(saves) >= kSure * static_cast<double>(draws_.size());
  }

  void Apply(const Join& join) {
    rule_[join.at].variant = join.variant;
    std::vector<Stretch> joined;
    for (const Stretch& stretch : rule_) {
      if (joined.empty() || joined.back().variant != stretch.variant) {
        joined.push_back(stretch);
      }
    }
    rule_ = std::move(joined);
  }

  const StretchSums& whole_;
  const std::vector<StretchSums>& draws_;
  const double allowed_;
  std::vector<Stretch> rule_;
  double lost_ = 0;
};

}  // namespace

StretchSums::StretchSums(const CostMatrix& costs) {
  CUSP_CHECK(!costs.empty());
  for (const std::vector<double>& row : costs) {
    std::vector<double>& until = until_.emplace_back(1, 0.0);
    std::vector<size_t>& infinite = infinites_.emplace_back(1, 0);
    for (const double cost : row) {
      const bool finite = std::isfinite(cost);
      until.push_back(until.back() + (finite ? cost : 0));
      infinite.push_back(infinite.back() + (finite ? 0 : 1));
    }
  }
}

double StretchSums::Of(size_t variant, size_t begin, size_t end) const {
  return infinites_[variant][end] > infinites_[variant][begin]
             ? kInfinity
             : until_[variant][end] - until_[variant][begin];
}

size_t StretchSums::Best() const {
  size_t best = 0;
  for (size_t v = 1; v < variants(); ++v) {
    best = All(v) < All(best) ? v : best;
  }
  return best;
}

double CostOf(const StretchSums& sums, const std::vector<Stretch>& rule) {
  double cost = 0;
  for (size_t s = 0; s < rule.size(); ++s) {
    const size_t end = s + 1 < rule.size() ? rule[s + 1].begin : sums.lengths();
    cost += sums.Of(rule[s].variant, rule[s].begin, end);
  }
  return cost;
}

std::vector<Stretch> ChoiceRule(const CostMatrix& costs, const StretchSums& whole,
                                const std::vector<StretchSums>& draws, double least_saving) {
  const std::vector<Stretch> cheapest = Cheapest(costs);
  const double allowed = least_saving * CostOf(whole, cheapest);
  std::vector<Stretch> rule = Simplifier(whole, draws, allowed, cheapest).Run();
  const size_t best = whole.Best();
  // Joining goes by neighbours, so that one which is second everywhere may be better still.
  const bool saves = whole.All(best) - CostOf(whole, rule) > allowed;
  return saves ? rule : std::vector<Stretch>{{0, best}};
}

}  // namespace cusp::analysis
