#include "analysis/refine.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>

#include "analysis/comparison_view.h"
#include "analysis/exact_search.h"
#include "analysis/near_crossing.h"
#include "analysis/predicted_lengths.h"
#include "analysis/statistics.h"
#include "analysis/step_probes.h"
#include "analysis/stop_note.h"

namespace cusp::analysis {
namespace {

// Blocks that would make the sign at a length sure, going by its noise so far.
int64_t BlocksToDecide(const LengthData& at, const RefineOptions& options) {
  const std::vector<double> ratios = FiniteLogRatios(at);
  const auto have = static_cast<int64_t>(at.pairs.size());
  if (ratios.size() < 2) {
    return std::max<int64_t>(options.compare.early_blocks - have, 1);
  }
  const ClippedMoments moments = Clipped(ratios, 4);
  const double blocks = BlocksForSign(moments.deviation, moments.mean);
  const auto wanted =
      static_cast<int64_t>(std::clamp(blocks, static_cast<double>(options.compare.min_blocks),
                                      static_cast<double>(options.max_blocks)));
  return std::max<int64_t>(wanted - have, 1);
}

// Cost of those blocks, going by the costs so far.
double TimeToDecide(const LengthData& at, const RefineOptions& options) {
  double sum = 0;
  for (const CostPair& pair : at.pairs) {
    sum += pair.baseline + pair.candidate;
  }
  return static_cast<double>(BlocksToDecide(at, options)) * sum /
         static_cast<double>(at.pairs.size());
}

// Collects what one comparison still wants.
class Refiner {
 public:
  Refiner(const std::vector<LengthData>& data, const std::vector<int64_t>& barred,
          const RefineOptions& options)
      : view_(data, barred, options), options_(options) {}

  Assessment Run() {
    for (size_t i = 0; i < view_.result().crossings.size(); ++i) {
      precise_.push_back(options_.fixed || IsPrecise(view_, i));
    }
    const bool visited = WishGrid();
    WishForUnsure();
    if (visited && !options_.fixed) {
      WishAroundCrossings();
      if (!options_.compare.exact) {
        WishForSteps();
        WishBesideSteps();
      }
    }
    Assessment assessment;
    assessment.settled = wishes_.empty() && limited_.empty() && !view_.by_length().empty();
    for (const auto& [length, wish] : wishes_) {
      assessment.wishes.push_back(wish);
    }
    assessment.note = StopNote(view_.result(), assessment.wishes, limited_, options_);
    assessment.result = view_.result();
    return assessment;
  }

 private:
  void WishFor(int64_t length) {
    const LengthData* at = view_.At(length);
    const int first = options_.compare.exact ? 1 : options_.compare.early_blocks;
    wishes_[length] = {.length = length,
                       .blocks = at == nullptr ? first : BlocksToDecide(*at, options_)};
  }

  void WishFor(const std::vector<int64_t>& lengths) {
    for (const int64_t length : lengths) {
      WishFor(length);
    }
  }

  // True once every length of the grid is decided or has had its first blocks: a
  // coarse answer to everything comes before a fine one to something.
  bool WishGrid() {
    bool visited = true;
    for (const int64_t length : options_.grid) {
      if (view_.Barred(length)) {
        continue;
      }
      if (view_.At(length) == nullptr) {
        WishFor(length);
        visited = false;
        continue;
      }
      if (options_.compare.exact || !view_.Unclear(length)) {
        continue;
      }
      const bool begun = view_.Blocks(length) >= options_.compare.min_blocks;
      const std::optional<size_t> bracket = view_.BracketAround(length);
      if (bracket && !options_.fixed && (precise_[*bracket] || begun)) {
        continue;  // what matters there is the crossing, and it is looked after
      }
      visited = visited && begun;
      if (view_.AtLimit(length)) {
        limited_.push_back(length);
      } else if (begun && !options_.fixed) {
        unsure_.push_back(length);
      } else {
        WishFor(length);
      }
    }
    return visited;
  }

  // Of the grid's lengths that their first blocks left unsure, outside of
  // brackets: the ends of the range, since every verdict rests on them, and the
  // one that is decided soonest, to have a crossing at all. Once both ends are
  // sure, all that may hide a change of order.
  void WishForUnsure() {
    const bool ends_sure = std::none_of(unsure_.begin(), unsure_.end(),
                                        [this](int64_t length) { return IsEnd(length); });
    int64_t soonest = 0;
    double least = 0;
    for (const int64_t length : unsure_) {
      const double seconds = TimeToDecide(*view_.At(length), options_);
      if (soonest == 0 || seconds < least) {
        soonest = length;
        least = seconds;
      }
    }
    for (const int64_t length : unsure_) {
      const bool wanted =
          ends_sure ? !view_.AgreesAround(length) : IsEnd(length) || length == soonest;
      if (wanted) {
        WishFor(length);
      }
    }
  }

  bool IsEnd(int64_t length) const {
    return length == options_.grid.front() || length == options_.grid.back();
  }

  void WishAroundCrossings() {
    for (size_t i = 0; i < precise_.size(); ++i) {
      if (precise_[i]) {
        continue;
      }
      if (options_.compare.exact) {
        WishFor(ExactProbes(view_, i));
        continue;
      }
      const std::vector<int64_t> lengths = LengthsBeside(view_, i);
      WishFor(lengths);
      if (lengths.empty()) {
        limited_.push_back(static_cast<int64_t>(std::llround(view_.result().crossings[i].length)));
      }
    }
  }

  // Once the crossings are as narrow as wanted: whether steps that nobody declared may have
  // moved them.
  void WishForSteps() {
    for (size_t i = 0; i < precise_.size(); ++i) {
      if (!precise_[i]) {
        continue;
      }
      for (const StepProbe& probe : StepProbes(view_, i)) {
        if (wishes_.count(probe.length) == 0) {
          wishes_[probe.length] = {probe.length, probe.blocks, /*spare=*/true};
        }
      }
    }
  }

  // The first blocks there may show a crossing, like those of the grid. The many
  // more that a sure sign takes buy no verdict and no narrower interval of what is
  // known, only a change of order by a per cent or two.
  void WishBesideSteps() {
    for (const int64_t length : PredictedLengths(view_)) {
      if (wishes_.count(length) == 0) {
        WishFor(length);
        wishes_[length].spare = view_.Blocks(length) >= options_.compare.min_blocks;
      }
    }
  }

  const ComparisonView view_;
  const RefineOptions& options_;
  std::vector<bool> precise_;       // beside result().crossings
  std::map<int64_t, Wish> wishes_;  // by length
  std::vector<int64_t> unsure_;     // begun lengths of the grid; ascending
  std::vector<int64_t> limited_;    // unsure, and nothing more may be measured
};

}  // namespace

Assessment Assess(const std::vector<LengthData>& data, const std::vector<int64_t>& barred,
                  const RefineOptions& options) {
  return Refiner(data, barred, options).Run();
}

}  // namespace cusp::analysis
