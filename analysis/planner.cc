#include "analysis/planner.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "analysis/lattice.h"
#include "analysis/planned_pair.h"
#include "analysis/refine.h"
#include "common/check.h"
#include "common/random.h"

namespace cusp::analysis {
namespace {

// Between two neighbours of the grid, at most.
constexpr double kGridFactor = 2.0;
constexpr double kExactGridFactor = 4.0;
// Blocks at other lengths before one that was disturbed is tried again.
constexpr uint64_t kBlocksBetween = 3;
// Several comparisons that share their blocks are not all assessed anew after each: one of
// them once it grew by a hundredth, any that grew by a fiftieth. Below fifty blocks that is
// every time, and beyond a decision takes about as long as with one comparison.
constexpr int64_t kOneDue = 100;
constexpr int64_t kAllDue = 50;

std::vector<int64_t> MakeGrid(const PlanOptions& options, int64_t step) {
  if (!options.list.empty()) {
    const std::set<int64_t> unique(options.list.begin(), options.list.end());
    return {unique.begin(), unique.end()};
  }
  return CoarseGrid(options.min_length, options.max_length, step,
                    options.exact ? kExactGridFactor : kGridFactor, options.quantum > 0);
}

RefineOptions MakeRefine(const PlanOptions& options, const Padding& baseline,
                         const Padding& candidate) {
  RefineOptions refine;
  refine.compare.exact = options.exact;
  refine.compare.resolution = options.resolution;
  refine.compare.min_blocks = options.min_blocks;
  refine.compare.early_blocks = options.early_blocks;
  refine.compare.resamples = options.resamples;
  refine.compare.seed = options.seed;
  refine.compare.baseline_padding = baseline;
  refine.compare.candidate_padding = candidate;
  refine.fixed = !options.list.empty();
  refine.step = options.quantum > 0
                    ? options.quantum
                    : ScanStep(baseline.quantum, candidate.quantum, options.max_length);
  refine.precision = options.precision;
  refine.max_blocks = options.max_blocks;
  refine.per_unit = options.per_unit;
  return refine;
}

}  // namespace

struct Planner::State {
  PlanOptions options;
  std::vector<int64_t> grid;
  std::vector<PlannedPair> pairs;
  std::vector<std::set<int64_t>> failed;              // of each variant
  std::vector<std::map<int64_t, double>> exact_cost;  // of each variant, when exact
  uint64_t blocks_added = 0;
  uint64_t blocks_ended = 0;               // added or disturbed
  std::map<int64_t, uint64_t> waiting_to;  // length -> blocks_ended from which it is tried again
  bool planned = false;
  std::optional<PlannedBlock> next;
  int64_t blocks_left = 0;

  // Of this block, or, when one measurement is enough, of any.
  std::optional<double> CostOf(size_t variant, int64_t length,
                               const std::map<size_t, double>& block) const {
    if (options.exact) {
      const auto found = exact_cost[variant].find(length);
      return found == exact_cost[variant].end() ? std::nullopt : std::optional(found->second);
    }
    const auto found = block.find(variant);
    return found == block.end() ? std::nullopt : std::optional(found->second);
  }

  // Which assessments are due is a matter of what was added, not of when somebody asks: a
  // replay that asks less often plans the same.
  void MarkDue() {
    PlannedPair* next_due = nullptr;
    for (PlannedPair& pair : pairs) {
      if (pairs.size() == 1 || pair.GrewBy(kAllDue)) {
        pair.MarkDue();
      } else if (pair.GrewBy(kOneDue) &&
                 (next_due == nullptr || pair.fresh() > next_due->fresh())) {
        next_due = &pair;
      }
    }
    if (next_due != nullptr) {
      next_due->MarkDue();
    }
  }

  // Random, yet a function of the seed and of what has been measured alone.
  uint64_t Draw(uint64_t a, uint64_t b) const {
    Random random(options.seed ^ (a * 0x9e3779b97f4a7c15ULL) ^ (b + 0x632be59bd9b4e019ULL));
    random.Next();
    return random.Next();
  }

  // 0 where the length need not wait; else the larger the later it was disturbed.
  uint64_t Wait(int64_t length) const {
    const auto found = waiting_to.find(length);
    return found == waiting_to.end() || found->second <= blocks_ended ? 0 : found->second;
  }

  void Plan() {
    std::vector<Assessment> assessments;
    for (PlannedPair& pair : pairs) {
      assessments.push_back(pair.assessment());
    }
    Choose(assessments);
    if (!next) {
      // Nothing ends before everything was looked at.
      for (size_t i = 0; i < pairs.size(); ++i) {
        assessments[i] = pairs[i].AssessNow();
      }
      Choose(assessments);
    }
    planned = true;
  }

  // From an assessment of each pair.
  void Choose(const std::vector<Assessment>& assessments) {
    struct Want {
      int64_t blocks = 0;  // fewest that a comparison has there
      int64_t more = 0;
      bool spare = true;
      std::set<size_t> variants;
    };
    std::map<int64_t, Want> wants;
    for (size_t i = 0; i < pairs.size(); ++i) {
      const PlannedPair& pair = pairs[i];
      for (const Wish& wish : assessments[i].wishes) {
        int64_t blocks = pair.BlocksAt(wish.length);
        // Every verdict rests on the ends of the range, so these get the first
        // blocks: where time is short, what lies between is worth little alone.
        const bool end = wish.length == grid.front() || wish.length == grid.back();
        if ((end || options.shortest_first) && blocks < options.min_blocks) {
          blocks = 0;
        }
        // A verdict is worth more than a narrower interval: its lengths come
        // round twice as often.
        blocks /= assessments[i].result.verdict == Verdict::kUndecided ? 2 : 1;
        auto [it, fresh] = wants.try_emplace(wish.length);
        it->second.blocks = fresh ? blocks : std::min(it->second.blocks, blocks);
        it->second.more = std::max(it->second.more, wish.blocks);
        it->second.spare = it->second.spare && wish.spare;
        it->second.variants.insert({pair.baseline(), pair.candidate()});
      }
    }
    next.reset();
    blocks_left = 0;
    // Lengths with the fewest blocks form the round; its order is drawn anew.
    std::tuple<bool, uint64_t, int64_t, uint64_t, int64_t> best;
    for (const auto& [length, want] : wants) {
      blocks_left += want.more;
      const bool by_length = options.shortest_first && want.blocks == 0;
      const std::tuple<bool, uint64_t, int64_t, uint64_t, int64_t> key(
          want.spare, Wait(length), want.blocks,
          by_length ? 0 : Draw(static_cast<uint64_t>(length), static_cast<uint64_t>(want.blocks)),
          length);
      if (!next || key < best) {
        best = key;
        next.emplace();
        next->length = length;
      }
    }
    if (next) {
      Fill(wants[next->length].variants);
    }
  }

  void Fill(const std::set<size_t>& variants) {
    for (const size_t variant : variants) {
      if (!options.exact || exact_cost[variant].count(next->length) == 0) {
        next->variants.push_back(variant);
      }
    }
    Random random(Draw(blocks_added, static_cast<uint64_t>(next->length)));
    random.Shuffle(next->variants);
  }
};

Planner::Planner(PlanOptions options) : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.failed.resize(options.paddings.size());
  state.exact_cost.resize(options.paddings.size());
  int64_t grid_step = 0;
  for (const auto& [baseline, candidate] : options.comparisons) {
    CUSP_CHECK(baseline < options.paddings.size() && candidate < options.paddings.size());
    state.pairs.emplace_back(
        baseline, candidate,
        MakeRefine(options, options.paddings[baseline], options.paddings[candidate]));
    grid_step = std::max(grid_step, state.pairs.back().step());
  }
  // One grid for all, so that blocks are shared.
  state.grid = MakeGrid(options, std::max<int64_t>(grid_step, 1));
  for (PlannedPair& pair : state.pairs) {
    pair.SetGrid(state.grid);
  }
  state.options = std::move(options);
}

Planner::~Planner() = default;

void Planner::Add(const MeasuredBlock& block) {
  State& state = *state_;
  std::map<size_t, double> costs;
  for (const VariantCost& cost : block.costs) {
    CUSP_CHECK(cost.variant < state.failed.size());
    if (std::isnan(cost.cost)) {
      state.failed[cost.variant].insert(block.length);
    } else {
      costs[cost.variant] = cost.cost;
      if (state.options.exact) {
        state.exact_cost[cost.variant][block.length] = cost.cost;
      }
    }
  }
  for (PlannedPair& pair : state.pairs) {
    if (state.failed[pair.baseline()].count(block.length) != 0 ||
        state.failed[pair.candidate()].count(block.length) != 0) {
      pair.Bar(block.length);
      continue;
    }
    const std::optional<double> baseline = state.CostOf(pair.baseline(), block.length, costs);
    const std::optional<double> candidate = state.CostOf(pair.candidate(), block.length, costs);
    if (baseline && candidate) {
      pair.Add(block.length, *baseline, *candidate);
    }
  }
  state.MarkDue();
  ++state.blocks_added;
  ++state.blocks_ended;
  state.waiting_to.erase(block.length);
  state.planned = false;
}

void Planner::Postpone(int64_t length) {
  ++state_->blocks_ended;
  state_->waiting_to[length] = state_->blocks_ended + kBlocksBetween;
  state_->planned = false;
}

std::optional<PlannedBlock> Planner::Next() {
  if (!state_->planned) {
    state_->Plan();
  }
  return state_->next;
}

const std::vector<int64_t>& Planner::Grid() const { return state_->grid; }

std::vector<ComparisonStatus> Planner::Status() const {
  std::vector<ComparisonStatus> status;
  for (PlannedPair& pair : state_->pairs) {
    const Assessment& now = pair.AssessNow();
    status.push_back({now.result, now.settled, now.note});
  }
  return status;
}

int64_t Planner::BlocksLeft() const {
  if (!state_->planned) {
    state_->Plan();
  }
  return state_->blocks_left;
}

}  // namespace cusp::analysis
