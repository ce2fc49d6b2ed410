#include "analysis/cost_function.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "analysis/statistics.h"

namespace cusp::analysis {

CostFunction::CostFunction(const std::vector<CurvePoint>& medians, const Padding& padding,
                           bool runs_out) {
  if (medians.empty()) {
    longest_ = 0;
    return;
  }
  unit_ = medians.front().cost;
  std::vector<CurvePoint> scaled = medians;
  for (CurvePoint& point : scaled) {
    point.cost /= unit_;
  }
  fit_ = FitCost(scaled, padding);
  if (runs_out) {
    longest_ = PaddedLength(medians.back().length, padding);
  }
  // Lengths that are padded to the same one share a bend.
  size_t shared = 0;
  for (const CurvePoint& point : scaled) {
    const double at = std::log(PaddedLength(point.length, padding));
    const double factor = std::log(point.cost / fit_(point.length));
    if (bends_.empty() || bends_.back().first < at) {
      bends_.emplace_back(at, factor);
      shared = 1;
    } else {
      ++shared;
      bends_.back().second += (factor - bends_.back().second) / static_cast<double>(shared);
    }
  }
}

double CostFunction::operator()(double length) const {
  const double padded = PaddedLength(length, fit_.padding);
  if (padded > longest_) {
    return std::numeric_limits<double>::infinity();
  }
  const double at = std::log(padded);
  const auto above = std::lower_bound(bends_.begin(), bends_.end(), std::pair(at, -HUGE_VAL));
  double factor = 0;
  if (above == bends_.end()) {
    factor = bends_.back().second;
  } else if (above == bends_.begin()) {
    factor = above->second;
  } else {
    const auto below = std::prev(above);
    const double part = (at - below->first) / (above->first - below->first);
    factor = below->second + part * (above->second - below->second);
  }
  return unit_ * fit_.AtPadded(padded) * std::exp(factor);
}

CostResampler::CostResampler(const std::vector<VariantCosts>& variants) {
  std::map<int64_t, std::set<uint32_t>> blocks;
  for (const VariantCosts& variant : variants) {
    for (const CostsAtLength& at : variant.lengths) {
      for (const BlockCost& cost : at.costs) {
        blocks[at.length].insert(cost.block);
      }
    }
  }
  std::map<int64_t, size_t> places;
  for (const auto& [length, ids] : blocks) {
    places.emplace(length, block_counts_.size());
    block_counts_.push_back(ids.size());
  }
  for (const VariantCosts& variant : variants) {
    Variant& made = variants_.emplace_back();
    made.padding = variant.padding;
    for (const CostsAtLength& at : variant.lengths) {
      if (std::any_of(at.costs.begin(), at.costs.end(),
                      [](const BlockCost& cost) { return std::isinf(cost.cost); })) {
        made.runs_out = true;
        break;  // longer ones don't fit either
      }
      Cell& cell = made.cells.emplace_back();
      cell.length = places.at(at.length);
      cell.at = static_cast<double>(at.length);
      const std::set<uint32_t>& ids = blocks.at(at.length);
      for (const BlockCost& cost : at.costs) {
        cell.costs.emplace_back(std::distance(ids.begin(), ids.find(cost.block)), cost.cost);
      }
    }
  }
}

std::vector<CostFunction> CostResampler::Whole() const {
  std::vector<std::vector<uint32_t>> once;
  for (const size_t count : block_counts_) {
    once.emplace_back(count, 1);
  }
  return Functions(once);
}

std::vector<CostFunction> CostResampler::Draw(Random& random) const {
  std::vector<std::vector<uint32_t>> drawn;
  for (const size_t count : block_counts_) {
    std::vector<uint32_t>& times = drawn.emplace_back(count, 0);
    for (size_t i = 0; i < count; ++i) {
      ++times[random.Below(count)];
    }
  }
  return Functions(drawn);
}

std::vector<CostFunction> CostResampler::Functions(
    const std::vector<std::vector<uint32_t>>& drawn) const {
  std::vector<CostFunction> functions;
  std::vector<double> values;
  for (const Variant& variant : variants_) {
    std::vector<CurvePoint> medians;
    for (const Cell& cell : variant.cells) {
      values.clear();
      for (const auto& [place, cost] : cell.costs) {
        values.insert(values.end(), drawn[cell.length][place], cost);
      }
      if (values.empty()) {  // none of this variant's blocks was drawn
        for (const auto& [place, cost] : cell.costs) {
          values.push_back(cost);
        }
      }
      medians.push_back({cell.at, MedianInPlace(values), 1});
    }
    functions.emplace_back(medians, variant.padding, variant.runs_out);
  }
  return functions;
}

}  // namespace cusp::analysis
