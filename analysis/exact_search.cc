#include "analysis/exact_search.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "analysis/crossings.h"
#include "analysis/lattice.h"

namespace cusp::analysis {
namespace {

constexpr int kMostSecants = 6;  // interpolated probes before bisection

// Probes near the bracket that an interpolation asked for.
int SecantsSoFar(const ComparisonView& view, int64_t low, int64_t high) {
  int probes = 0;
  for (const auto& [length, at] : view.by_length()) {
    const bool near = length * 4 > low && length < high * 4;
    probes += near && !view.OnGrid(length) ? 1 : 0;
  }
  return probes;
}

std::vector<int64_t> Only(int64_t length) {
  return length == 0 ? std::vector<int64_t>() : std::vector<int64_t>{length};
}

// Around `equal`, the equal lengths inside the bracket: the middle of what lies between them and
// each of its ends, as far as that is wider than the precision.
std::vector<int64_t> EqualEnds(const ComparisonView& view, int64_t low, int64_t high,
                               std::span<const int64_t> equal, const std::vector<int64_t>& spent) {
  std::vector<int64_t> probes;
  for (const auto& [from, to] : {std::pair(low, equal.front()), std::pair(equal.back(), high)}) {
    const auto a = static_cast<double>(from);
    const auto b = static_cast<double>(to);
    const int64_t middle = b - a > view.options().precision * a
                               ? NearestFree(std::sqrt(a * b), from, to, view.options().step, spent)
                               : 0;
    if (middle != 0) {
      probes.push_back(middle);
    }
  }
  return probes;
}

}  // namespace

std::vector<int64_t> ExactProbes(const ComparisonView& view, size_t index) {
  const auto [low, high] = view.result().brackets[index];
  const double x = view.result().crossings[index].length;
  const int64_t step = view.options().step;
  const std::vector<int64_t> spent = view.Spent(low, high);
  if (const auto equal = EqualInside(view.result(), low, high); !equal.empty()) {
    return EqualEnds(view, low, high, equal, spent);
  }
  const CostPair& end = view.At(high)->pairs.front();
  if (std::isinf(end.baseline) || std::isinf(end.candidate) ||
      SecantsSoFar(view, low, high) >= kMostSecants) {
    const double middle = std::sqrt(static_cast<double>(low) * static_cast<double>(high));
    return Only(NearestFree(middle, low, high, step, spent));
  }
  const auto below = static_cast<int64_t>(x) / step * step;
  std::vector<int64_t> probes;
  for (const int64_t length : {below, below + step}) {
    if (length > low && length < high && !std::binary_search(spent.begin(), spent.end(), length)) {
      probes.push_back(length);
    }
  }
  return probes.empty() ? Only(NearestFree(x, low, high, step, spent)) : probes;
}

}  // namespace cusp::analysis
