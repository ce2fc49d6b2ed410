#include "analysis/comparison_view.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "analysis/statistics.h"

namespace cusp::analysis {

std::vector<double> FiniteLogRatios(const LengthData& at) {
  std::vector<double> ratios;
  for (const CostPair& pair : at.pairs) {
    if (!std::isinf(pair.baseline) && !std::isinf(pair.candidate)) {
      ratios.push_back(std::log(pair.candidate / pair.baseline));
    }
  }
  return ratios;
}

double BlocksForSign(double deviation, double effect) {
  constexpr double kTypicalT = 6;  // of CriticalT at the usual counts and levels
  return std::pow(kTypicalT * deviation / std::max(std::fabs(effect), 1e-6), 2);
}

namespace {

// Infinite where one side ran out of memory; 0 where both did.
double MedianLogRatio(const LengthData& at) {
  std::vector<double> ratios;
  for (const CostPair& pair : at.pairs) {
    const bool both = std::isinf(pair.baseline) && std::isinf(pair.candidate);
    ratios.push_back(both ? 0 : std::log(pair.candidate / pair.baseline));
  }
  return Median(std::move(ratios));
}

}  // namespace

ComparisonView::ComparisonView(const std::vector<LengthData>& data,
                               const std::vector<int64_t>& barred, const RefineOptions& options)
    : data_(data), barred_(barred), options_(options), result_(Compare(data, options.compare)) {
  for (const LengthData& at : data) {
    by_length_[at.length] = &at;
  }
}

const LengthData* ComparisonView::At(int64_t length) const {
  const auto found = by_length_.find(length);
  return found == by_length_.end() ? nullptr : found->second;
}

int ComparisonView::Blocks(int64_t length) const {
  const LengthData* at = At(length);
  return at == nullptr ? 0 : static_cast<int>(at->pairs.size());
}

bool ComparisonView::Barred(int64_t length) const {
  return std::binary_search(barred_.begin(), barred_.end(), length);
}

bool ComparisonView::OnGrid(int64_t length) const {
  return std::binary_search(options_.grid.begin(), options_.grid.end(), length);
}

bool ComparisonView::Unclear(int64_t length) const {
  return std::binary_search(result_.undecided_lengths.begin(), result_.undecided_lengths.end(),
                            length);
}

bool ComparisonView::AtLimit(int64_t length) const { return Blocks(length) >= options_.max_blocks; }

int ComparisonView::SureSign(int64_t length) const {
  const LengthData* at = At(length);
  if (at == nullptr || Unclear(length) ||
      std::binary_search(result_.equal_lengths.begin(), result_.equal_lengths.end(), length)) {
    return 0;
  }
  // A sure sign is that of the median, too; 0 where neither fitted into memory.
  const double middle = MedianLogRatio(*at);
  return (middle > 0 ? 1 : 0) - (middle < 0 ? 1 : 0);
}

std::pair<int, int> ComparisonView::SignsAround(int64_t length) const {
  const auto sure = [this](const auto& entry) { return SureSign(entry.first) != 0; };
  const auto here = by_length_.lower_bound(length);
  const auto above = std::find_if(by_length_.upper_bound(length), by_length_.end(), sure);
  const auto below = std::find_if(std::make_reverse_iterator(here), by_length_.rend(), sure);
  return {below == by_length_.rend() ? 0 : SureSign(below->first),
          above == by_length_.end() ? 0 : SureSign(above->first)};
}

bool ComparisonView::AgreesAround(int64_t length) const {
  const double middle = MedianLogRatio(*At(length));
  const auto [below, above] = SignsAround(length);
  return middle * below > 0 && middle * above > 0;
}

std::optional<size_t> ComparisonView::BracketAround(int64_t length) const {
  for (size_t i = 0; i < result_.brackets.size(); ++i) {
    if (result_.brackets[i].first < length && length < result_.brackets[i].second) {
      return i;
    }
  }
  return std::nullopt;
}

std::vector<int64_t> ComparisonView::Spent(int64_t low, int64_t high) const {
  std::vector<int64_t> spent = barred_;
  for (auto it = by_length_.upper_bound(low); it != by_length_.end() && it->first < high; ++it) {
    if (options_.compare.exact || !Unclear(it->first) || AtLimit(it->first)) {
      spent.push_back(it->first);
    }
  }
  std::sort(spent.begin(), spent.end());
  return spent;
}

}  // namespace cusp::analysis
