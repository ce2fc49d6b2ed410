// From paired costs to a verdict and crossings: the heart of Cusp.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/padding.h"

namespace cusp::analysis {

enum class Verdict { kUndecided, kCrosses, kAlways, kNever };
enum class Direction { kCheaper, kDearer };

// "undecided", "crosses", "always", "never".
std::string_view ToString(Verdict verdict);
// "cheaper", "dearer".
std::string_view ToString(Direction direction);

// Costs of baseline and candidate in one block. Positive; lower is better
// (callers pass reciprocals of throughput). Infinity: out of memory.
struct CostPair {
  double baseline = 0;
  double candidate = 0;
};

// Every block measured at one length.
struct LengthData {
  int64_t length = 0;
  std::vector<CostPair> pairs;  // at least one
};

// Bootstrap resamples behind an interval. One number for all: a job's planner,
// which renews the intervals after every block, and the offline analysis of its
// samples give the same interval.
inline constexpr int kResamples = 400;

struct CompareOptions {
  // One value per length is the truth, not a sample: deterministic costs such
  // as peak memory, and tables of other tools.
  bool exact = false;
  // Exact costs that differ by less than this, in their unit, count as equal: what they were
  // measured with cannot tell them apart.
  double resolution = 0;
  // Log-ratios within ± this count as equal.
  double equal_within = 0.01;
  // Blocks below which no length is decided, unless exact or the effect is huge.
  int min_blocks = 4;
  // Blocks from which a huge effect (over 15 %, over 20 robust scales, every
  // block on one side) is decided; at least min_blocks switches that off.
  int early_blocks = 3;
  // Chance of any wrong sign in the whole comparison, over all looks at it.
  double error_rate = 0.01;
  Padding baseline_padding = {};
  Padding candidate_padding = {};
  // Bootstrap resamples behind each interval; 0: no fit, the bracket is the
  // interval.
  int resamples = kResamples;
  // Seed of the bootstrap: the same data give the same answer.
  uint64_t seed = 1;
};

// A length where the order of costs changes, with its 95 % interval.
struct Crossing {
  double length = 0;
  double low = 0;
  double high = 0;
  Direction direction = Direction::kCheaper;
};

struct ComparisonResult {
  int64_t range_min = 0;
  int64_t range_max = 0;
  Verdict verdict = Verdict::kUndecided;
  std::vector<Crossing> crossings;     // ascending
  std::optional<Crossing> first;       // where the candidate first turns cheaper
  std::optional<Crossing> persistent;  // from where it stays cheaper to the end
  std::vector<int64_t> undecided_lengths;
  std::vector<int64_t> equal_lengths;
  int64_t blocks_used = 0;
  // For each of `crossings`: the decided lengths on both sides of it.
  std::vector<std::pair<int64_t, int64_t>> brackets;
  // How both pad: as declared, or in tiles that the costs show.
  PairPadding padding;
  bool searched_tiles = false;
  // `crossings` as the signs and the fit have them, before their intervals were widened over
  // changes of order that only fitted curves see.
  std::vector<Crossing> located;
};

// Pure and deterministic. `data` is ascending in length, without repeats. Where
// both are out of memory nothing is compared, though the length counts for the
// range. Empty data give kUndecided with an empty range.
ComparisonResult Compare(const std::vector<LengthData>& data, const CompareOptions& options);

}  // namespace cusp::analysis
