#include "analysis/refine.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>

#include "analysis/cost_fit.h"
#include "analysis/lattice.h"
#include "analysis/statistics.h"
#include "analysis/stop_note.h"

namespace cusp::analysis {
namespace {

constexpr size_t kMostPredicted = 3;  // sign changes scanned on a fit's word alone
constexpr size_t kMostScanned = 12;   // lengths beyond the grid that a fit may ask for
constexpr int kMostSecants = 6;       // interpolated probes before bisection
constexpr double kTested = 4.0;       // precisions from a crossing that count as close to it
constexpr double kAside = 0.8;        // of precision: how far beside a crossing to measure

std::vector<double> FiniteLogRatios(const LengthData& at) {
  std::vector<double> ratios;
  for (const CostPair& pair : at.pairs) {
    if (!std::isinf(pair.baseline) && !std::isinf(pair.candidate)) {
      ratios.push_back(std::log(pair.candidate / pair.baseline));
    }
  }
  return ratios;
}

// Blocks that would make the sign at a length sure, going by its noise so far.
int64_t BlocksToDecide(const LengthData& at, const RefineOptions& options) {
  const std::vector<double> ratios = FiniteLogRatios(at);
  const auto have = static_cast<int64_t>(at.pairs.size());
  if (ratios.size() < 2) {
    return std::max<int64_t>(options.compare.early_blocks - have, 1);
  }
  constexpr double kTypicalT = 6;  // of CriticalT at the usual counts and levels
  const ClippedMoments moments = Clipped(ratios, 4);
  const double effect = std::max(std::fabs(moments.mean), 1e-6);
  const double blocks = std::pow(kTypicalT * moments.deviation / effect, 2);
  const auto wanted =
      static_cast<int64_t>(std::clamp(blocks, static_cast<double>(options.compare.min_blocks),
                                      static_cast<double>(options.max_blocks)));
  return std::max<int64_t>(wanted - have, 1);
}

class Refiner {
 public:
  Refiner(const std::vector<LengthData>& data, const std::vector<int64_t>& barred,
          const RefineOptions& options)
      : barred_(barred), options_(options) {
    for (const LengthData& at : data) {
      by_length_[at.length] = &at;
    }
    result_ = Compare(data, options.compare);
  }

  Assessment Run() {
    for (size_t i = 0; i < result_.crossings.size(); ++i) {
      precise_.push_back(options_.fixed || Precise(i));
    }
    const bool visited = WishGrid();
    if (visited && !options_.fixed) {
      for (size_t i = 0; i < precise_.size(); ++i) {
        if (!precise_[i]) {
          options_.compare.exact ? SearchExactly(i) : WishBeside(i);
        }
      }
      if (!options_.compare.exact) {
        WishPredicted();
      }
    }
    Assessment assessment;
    assessment.settled = wishes_.empty() && limited_.empty() && !by_length_.empty();
    for (const auto& [length, blocks] : wishes_) {
      assessment.wishes.push_back({length, blocks});
    }
    assessment.note = StopNote(result_, assessment.wishes, limited_, options_);
    assessment.result = std::move(result_);
    return assessment;
  }

 private:
  const LengthData* At(int64_t length) const {
    const auto found = by_length_.find(length);
    return found == by_length_.end() ? nullptr : found->second;
  }

  bool Unclear(int64_t length) const {
    return std::binary_search(result_.undecided_lengths.begin(), result_.undecided_lengths.end(),
                              length);
  }

  bool AtLimit(const LengthData& at) const {
    return static_cast<int>(at.pairs.size()) >= options_.max_blocks;
  }

  void WishFor(int64_t length) {
    const LengthData* at = At(length);
    if (at == nullptr) {
      wishes_[length] = options_.compare.exact ? 1 : options_.compare.early_blocks;
    } else {
      wishes_[length] = BlocksToDecide(*at, options_);
    }
  }

  // Barred lengths and, inside the bracket, those that have given all they can.
  std::vector<int64_t> Spent(int64_t low, int64_t high) const {
    std::vector<int64_t> spent = barred_;
    for (auto it = by_length_.upper_bound(low); it != by_length_.end() && it->first < high; ++it) {
      if (options_.compare.exact || !Unclear(it->first) || AtLimit(*it->second)) {
        spent.push_back(it->first);
      }
    }
    std::sort(spent.begin(), spent.end());
    return spent;
  }

  bool Precise(size_t index) const {
    const Crossing& crossing = result_.crossings[index];
    const auto [low, high] = result_.brackets[index];
    if (NearestFree(crossing.length, low, high, options_.step, barred_) == 0) {
      return true;
    }
    if (options_.compare.exact) {
      // An exactly equal length inside is the crossing itself.
      const auto equal =
          std::upper_bound(result_.equal_lengths.begin(), result_.equal_lengths.end(), low);
      return equal != result_.equal_lengths.end() && *equal < high;
    }
    if (crossing.high - crossing.low > 2 * options_.precision * crossing.length) {
      return false;
    }
    const bool decided_ends =
        crossing.low <= static_cast<double>(low) && crossing.high >= static_cast<double>(high);
    return decided_ends ||
           (SeenNear(crossing.length, -1, low, high) && SeenNear(crossing.length, 1, low, high));
  }

  // A narrow interval from a fit is believed only when the fit has been tested
  // close to the crossing, on this side: curves drawn between far lengths agree
  // with them whatever lies between.
  bool SeenNear(double crossing, int side, int64_t low, int64_t high) const {
    const double reach = crossing * std::exp(side * kTested * options_.precision);
    const double from = side < 0 ? reach : crossing;
    const double to = side < 0 ? crossing : reach;
    for (const auto& [length, at] : by_length_) {
      const auto n = static_cast<double>(length);
      if (n >= from && n <= to &&
          static_cast<int>(at->pairs.size()) >= options_.compare.early_blocks) {
        return true;
      }
    }
    // Where no such length exists, there is nothing to test.
    return NearestFree(reach, std::max(low, static_cast<int64_t>(from)),
                       std::min(high, static_cast<int64_t>(std::ceil(to))), options_.step,
                       barred_) == 0;
  }

  std::optional<size_t> BracketAround(int64_t length) const {
    for (size_t i = 0; i < result_.brackets.size(); ++i) {
      if (result_.brackets[i].first < length && length < result_.brackets[i].second) {
        return i;
      }
    }
    return std::nullopt;
  }

  // True once every length of the grid is decided or has had its first blocks: a
  // coarse answer to everything comes before a fine one to something.
  bool WishGrid() {
    bool visited = true;
    for (const int64_t length : options_.grid) {
      if (std::binary_search(barred_.begin(), barred_.end(), length)) {
        continue;
      }
      const LengthData* at = At(length);
      if (at == nullptr) {
        WishFor(length);
        visited = false;
        continue;
      }
      if (options_.compare.exact || !Unclear(length)) {
        continue;
      }
      const auto blocks = static_cast<int>(at->pairs.size());
      visited = visited && blocks >= options_.compare.min_blocks;
      const std::optional<size_t> bracket = BracketAround(length);
      if (bracket && !options_.fixed &&
          (precise_[*bracket] || blocks >= options_.compare.min_blocks)) {
        continue;  // what matters there is the crossing, and it is looked after
      }
      if (AtLimit(*at)) {
        limited_.push_back(length);
      } else {
        WishFor(length);
      }
    }
    return visited;
  }

  // The length on one side of a crossing from which the next block teaches most:
  // far enough from it for a sure sign, near enough for a narrow bracket.
  int64_t Beside(size_t index, int side) const {
    const double x = result_.crossings[index].length;
    auto [low, high] = result_.brackets[index];
    const std::vector<int64_t> spent = Spent(low, high);
    double target = x * std::exp(side * kAside * options_.precision);
    (side < 0 ? high : low) = static_cast<int64_t>(side < 0 ? std::ceil(x) : std::floor(x));
    // A length already begun is finished first: estimates wander, blocks don't.
    int64_t open = 0;
    for (auto it = by_length_.upper_bound(low); it != by_length_.end() && it->first < high; ++it) {
      const auto length = static_cast<double>(it->first);
      if (std::binary_search(spent.begin(), spent.end(), it->first)) {
        // Too flat here: halfway further out.
        const double end = static_cast<double>(side < 0 ? low : high);
        target = side < 0 ? std::min(target, std::sqrt(length * end))
                          : std::max(target, std::sqrt(length * end));
      } else if (UsefulBeside(length, x) &&
                 (open == 0 || std::fabs(std::log(length / target)) <
                                   std::fabs(std::log(static_cast<double>(open) / target)))) {
        open = it->first;
      }
    }
    return open != 0 ? open : NearestFree(target, low, high, options_.step, spent);
  }

  // Not so near to the crossing that the sign would take for ever, nor so far
  // that it would say nothing of the interval.
  bool UsefulBeside(double length, double crossing) const {
    const double distance = std::fabs(std::log(length / crossing));
    const double aside = kAside * options_.precision;
    return distance > 0.6 * aside && distance < 2 * aside;
  }

  void WishBeside(size_t index) {
    const auto [low, high] = result_.brackets[index];
    const bool ends_fit = !FiniteLogRatios(*At(low)).empty() && !FiniteLogRatios(*At(high)).empty();
    bool any = false;
    if (ends_fit) {
      for (const int side : {-1, 1}) {
        if (const int64_t length = Beside(index, side); length != 0) {
          WishFor(length);
          any = true;
        }
      }
    } else {
      const double middle = std::sqrt(static_cast<double>(low) * static_cast<double>(high));
      const int64_t length = NearestFree(middle, low, high, options_.step, Spent(low, high));
      if (length != 0) {
        WishFor(length);
        any = true;
      }
    }
    if (!any) {
      limited_.push_back(static_cast<int64_t>(std::llround(result_.crossings[index].length)));
    }
  }

  // Interpolation lands on the crossing of smooth costs in a few probes; costs
  // with steps are left to bisection.
  void SearchExactly(size_t index) {
    const auto [low, high] = result_.brackets[index];
    const double x = result_.crossings[index].length;
    int probes = 0;
    for (const auto& [length, at] : by_length_) {
      const bool near = length * 4 > low && length < high * 4;
      probes += near && !std::binary_search(options_.grid.begin(), options_.grid.end(), length);
    }
    const std::vector<int64_t> spent = Spent(low, high);
    const bool infinite = std::isinf(At(high)->pairs.front().baseline) ||
                          std::isinf(At(high)->pairs.front().candidate);
    if (infinite || probes >= kMostSecants) {
      const double middle = std::sqrt(static_cast<double>(low) * static_cast<double>(high));
      WishFor(NearestFree(middle, low, high, options_.step, spent));
      return;
    }
    const auto below = static_cast<int64_t>(x) / options_.step * options_.step;
    bool any = false;
    for (const int64_t length : {below, below + options_.step}) {
      if (length > low && length < high &&
          !std::binary_search(spent.begin(), spent.end(), length)) {
        WishFor(length);
        any = true;
      }
    }
    if (!any) {
      WishFor(NearestFree(x, low, high, options_.step, spent));
    }
  }

  CostCurve FitVariant(bool baseline) const {
    std::vector<CurvePoint> points;
    for (const auto& [length, at] : by_length_) {
      std::vector<double> costs;
      for (const CostPair& pair : at->pairs) {
        const double cost = baseline ? pair.baseline : pair.candidate;
        if (!std::isinf(cost)) {
          costs.push_back(cost);
        }
      }
      if (!costs.empty()) {
        points.push_back({static_cast<double>(length), Median(costs), 1});
      }
    }
    return FitCost(
        points, baseline ? options_.compare.baseline_quantum : options_.compare.candidate_quantum);
  }

  // Padding makes costs jump between the lengths of the grid. Where curves that
  // know the padding change their order and the signs so far do not show it,
  // both sides of the jump are measured.
  void WishPredicted() {
    const bool padded =
        options_.compare.baseline_quantum > 1 || options_.compare.candidate_quantum > 1;
    if (!padded || by_length_.size() < 4 ||
        by_length_.size() > options_.grid.size() + kMostScanned) {
      return;
    }
    const int64_t first = by_length_.begin()->first;
    const int64_t last = by_length_.rbegin()->first;
    const std::vector<double> changes = SignChanges(
        FitVariant(true), FitVariant(false), static_cast<double>(first), static_cast<double>(last));
    std::map<std::optional<size_t>, std::vector<double>> by_bracket;
    for (const double change : changes) {
      by_bracket[BracketAround(static_cast<int64_t>(std::llround(change)))].push_back(change);
    }
    size_t scanned = 0;
    for (const auto& [bracket, inside] : by_bracket) {
      if (bracket && inside.size() == 1) {
        continue;
      }
      for (const double change : inside) {
        if (scanned++ < kMostPredicted) {
          WishAround(change, first, last);
        }
      }
    }
  }

  void WishAround(double change, int64_t first, int64_t last) {
    const auto below = static_cast<int64_t>(change) / options_.step * options_.step;
    for (const int64_t length : {below, below + options_.step}) {
      if (length <= first || length >= last ||
          std::binary_search(barred_.begin(), barred_.end(), length)) {
        continue;
      }
      const LengthData* at = At(length);
      const bool looked_at =
          at != nullptr &&
          (!Unclear(length) || static_cast<int>(at->pairs.size()) >= options_.compare.min_blocks);
      if (!looked_at) {
        WishFor(length);
      }
    }
  }

  const std::vector<int64_t>& barred_;
  const RefineOptions& options_;
  std::map<int64_t, const LengthData*> by_length_;
  ComparisonResult result_;
  std::vector<bool> precise_;          // beside result_.crossings
  std::map<int64_t, int64_t> wishes_;  // length -> estimated blocks
  std::vector<int64_t> limited_;       // unsure, and nothing more may be measured
};

}  // namespace

Assessment Assess(const std::vector<LengthData>& data, const std::vector<int64_t>& barred,
                  const RefineOptions& options) {
  return Refiner(data, barred, options).Run();
}

}  // namespace cusp::analysis
