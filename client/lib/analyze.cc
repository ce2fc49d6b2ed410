#include "client/lib/analyze.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <utility>

#include "analysis/comparison.h"
#include "analysis/statistics.h"
#include "catalog/catalog.h"
#include "catalog/job_check.h"
#include "catalog/lengths.h"
#include "client/lib/cost_series.h"
#include "common/status_macros.h"
#include "findings/comparison_message.h"

namespace cusp::client {
namespace {

// Points of resampled fits in one file: what keeps a file of any size within
// about a second.
constexpr int64_t kMostDraws = 3'500'000;
constexpr int kDrawsOfASearch = 240;  // analysis::TileSearch
constexpr size_t kMostFitted = 64;    // lengths that a fit looks at

class Analyzer {
 public:
  Analyzer(CostTable table, const std::string& file) : table_(std::move(table)), file_(file) {}

  absl::StatusOr<Analysis> Run(const std::string& baseline) {
    CUSP_ASSIGN_OR_RETURN(const uint32_t base, Find(baseline));
    CUSP_ASSIGN_OR_RETURN(series_, SortIntoSeries(table_, file_));
    analysis_.unit = table_.unit;
    for (size_t begin = 0; begin < series_.size();) {
      const uint32_t group = series_[begin].group;
      size_t end = begin;
      const CostSeries* own = nullptr;
      for (; end < series_.size() && series_[end].group == group; ++end) {
        own = series_[end].variant == base ? &series_[end] : own;
      }
      if (own == nullptr) {
        Warn(group, "no rows of `" + baseline + "`: nothing is compared");
      }
      for (size_t i = begin; own != nullptr && i < end; ++i) {
        if (&series_[i] != own) {
          CompareWith(*own, series_[i]);
        }
      }
      begin = end;
    }
    if (!analysis_.comparisons.empty()) {
      return std::move(analysis_);
    }
    return NothingToCompare(baseline, base);
  }

 private:
  absl::StatusOr<uint32_t> Find(const std::string& baseline) const {
    const auto found = std::find(table_.variants.begin(), table_.variants.end(), baseline);
    if (found != table_.variants.end()) {
      return static_cast<uint32_t>(found - table_.variants.begin());
    }
    constexpr size_t kMost = 20;
    std::vector<std::string_view> known(table_.variants.begin(), table_.variants.end());
    const std::string nearest = catalog::NearestOf(baseline, known);
    std::string message =
        file_ + ":" + std::to_string(table_.rows.front().line) + ": no variant `" + baseline + "`";
    message += nearest.empty() ? "" : "; did you mean `" + nearest + "`?";
    message += nearest.empty() ? "; the file has " : " The file has ";
    for (size_t i = 0; i < std::min(known.size(), kMost); ++i) {
      message += (i == 0 ? "" : ", ") + std::string(known[i]);
    }
    return absl::InvalidArgumentError(message + (known.size() > kMost ? ", …" : ""));
  }

  absl::Status NothingToCompare(const std::string& baseline, uint32_t base) const {
    constexpr size_t kMost = 3;
    // Rows of others come first, then those earlier in the file.
    const auto where = std::min_element(
        table_.rows.begin(), table_.rows.end(), [base](const CostRow& a, const CostRow& b) {
          return std::pair(a.variant == base, a.line) < std::pair(b.variant == base, b.line);
        });
    std::string message =
        file_ + ":" + std::to_string(where->line) + ": nothing to compare `" + baseline + "` with";
    if (where->variant == base) {
      message += ": the file has no other variant; add its rows";
    }
    const std::vector<std::string>& reasons = analysis_.warnings;
    for (size_t i = 0; i < std::min(reasons.size(), kMost); ++i) {
      message += "; " + reasons[i];
    }
    if (reasons.size() > kMost) {
      message += "; and " + std::to_string(reasons.size() - kMost) + " more like these";
    }
    return absl::InvalidArgumentError(message);
  }

  // "latency, inference, float32: …", where there is more than one group.
  void Warn(uint32_t group, const std::string& message) {
    const CostGroup& labels = table_.groups[group];
    const std::string where = table_.groups.size() < 2
                                  ? ""
                                  : labels.metric + ", " + labels.mode + ", " + labels.dtype + ": ";
    analysis_.warnings.push_back(where + message);
  }

  static double MedianOf(const CostCell& cell) {
    std::vector<double> values;
    for (const CostRow& row : cell.rows) {
      values.push_back(row.value);
    }
    return analysis::Median(std::move(values));
  }

  void CompareWith(const CostSeries& own, const CostSeries& other) {
    const uint32_t group = own.group;
    const std::string& name = table_.variants[other.variant];
    const std::vector<CellPair> joined = JoinByLength(own, other);
    if (joined.size() < 2) {
      Warn(group, "`" + name + "` and the baseline have " +
                      (joined.empty()
                           ? "no length"
                           : "one length only (" +
                                 catalog::LengthText(joined[0].first->length, table_.unit) + ")") +
                      " in common; a tipping point takes two at least");
      return;
    }
    const CostGroup& labels = table_.groups[group];
    const bool higher_is_better = HigherIsBetter(labels);
    analysis::CompareOptions options;
    options.baseline_padding = PaddingOf(table_, own);
    options.candidate_padding = PaddingOf(table_, other);
    options.seed = labels.seed.value_or(options.seed);
    options.resamples = labels.seed ? analysis::kResamples : Resamples(joined.size());
    options.exact =
        labels.exact.value_or(std::all_of(joined.begin(), joined.end(), [](const auto& both) {
          return both.first->rows.size() == 1 && both.second->rows.size() == 1;
        }));
    // Where the file itself says that values are exact; else `resolution` is another tool's.
    options.resolution = labels.exact.value_or(false) && !higher_is_better ? labels.resolution : 0;
    std::vector<analysis::LengthData> data;
    size_t unpaired = 0;
    for (const CellPair& cells : joined) {
      std::vector<analysis::CostPair> pairs =
          PairCosts(cells, table_.has_blocks && !options.exact, higher_is_better);
      if (pairs.empty()) {
        ++unpaired;
      } else {
        data.push_back({cells.first->length, std::move(pairs)});
      }
    }
    if (unpaired > 0) {
      Warn(group, "`" + name + "` and the baseline share no block at " + std::to_string(unpaired) +
                      " of " + std::to_string(joined.size()) + " lengths, which are left out");
    }
    if (data.size() < 2) {
      return;
    }
    const analysis::ComparisonResult result = analysis::Compare(data, options);
    if (result.searched_tiles) {
      spent_draws_ += WorkOf(kDrawsOfASearch, data.size());
    }
    if (!options.exact && result.crossings.size() == 1) {
      // Where no curve fits, nothing was drawn: finding that out costs a tenth.
      spent_draws_ += WorkOf(options.resamples, data.size()) / (IsFitted(result) ? 1 : 10);
    }
    WarnOfLattice(group, data, result, options);
    Report(own, other.variant, result, NoteOf(data, result, options));
    AnalyzedComparison& reported = analysis_.comparisons.back();
    const auto values_at = [&](int64_t length) {
      const auto at = std::find_if(joined.begin(), joined.end(),
                                   [&](const auto& both) { return both.first->length == length; });
      return EndValues{MedianOf(*at->first), MedianOf(*at->second)};
    };
    reported.at_min = values_at(data.front().length);
    reported.at_max = values_at(data.back().length);
  }

  // A crossing of noisy values at lengths that share a divisor, where no padding is known, as it
  // is of a job's export: what is between the lengths may be in steps.
  void WarnOfLattice(uint32_t group, const std::vector<analysis::LengthData>& data,
                     const analysis::ComparisonResult& result,
                     const analysis::CompareOptions& options) {
    constexpr int64_t kCoarse = 32;
    int64_t divisor = 0;
    for (const analysis::LengthData& at : data) {
      divisor = std::gcd(divisor, at.length);
    }
    const bool is_smooth =
        options.baseline_padding.quantum == 1 && options.candidate_padding.quantum == 1;
    if (warned_of_lattice_ || table_.groups[group].seed || options.exact ||
        result.crossings.empty() || !is_smooth || divisor < kCoarse ||
        catalog::BaseUnits(table_.unit) != 1) {
      return;
    }
    warned_of_lattice_ = true;
    Warn(group, "all lengths are multiples of " + std::to_string(divisor) +
                    ", so steps between them, as padding and tiles make, can't be seen; measure "
                    "lengths off these multiples, or give a column padding_quantum");
  }

  // Intervals of hundreds of comparisons are a little coarser, not slower; after
  // thousands there is no time left for more than brackets. A job's export, known
  // by its seed, is not cut: the job itself took the time.
  int Resamples(size_t lengths) const {
    const auto draws = static_cast<int>(
        std::clamp<size_t>(20000 / series_.size(), analysis::kResamples / 2, analysis::kResamples));
    return spent_draws_ + WorkOf(draws, lengths) > kMostDraws ? 0 : draws;
  }

  static int64_t WorkOf(int draws, size_t lengths) {
    return int64_t{draws} * static_cast<int64_t>(std::min(lengths, kMostFitted));
  }

  static bool IsFitted(const analysis::ComparisonResult& result) {
    const analysis::Crossing& crossing = result.crossings[0];
    const auto [low, high] = result.brackets[0];
    return crossing.low > static_cast<double>(low) || crossing.high < static_cast<double>(high);
  }

  // What would make an undecided comparison sure.
  static std::string Lacking(const std::vector<analysis::LengthData>& data,
                             const analysis::ComparisonResult& result,
                             const analysis::CompareOptions& options) {
    size_t most = 0;
    for (const analysis::LengthData& at : data) {
      if (std::binary_search(result.undecided_lengths.begin(), result.undecided_lengths.end(),
                             at.length)) {
        most = std::max(most, at.pairs.size());
      }
    }
    const std::string where = std::to_string(result.undecided_lengths.size()) +
                              (result.undecided_lengths.size() == 1 ? " length" : " lengths");
    if (most >= static_cast<size_t>(options.min_blocks)) {
      return "the order at " + where + " is not sure; more blocks there would tell";
    }
    return where + " with at most " + std::to_string(most) + (most == 1 ? " block" : " blocks") +
           ": a sure order takes " + std::to_string(options.min_blocks) + " blocks a length, or " +
           std::to_string(options.early_blocks) + " where the costs are far apart";
  }

  static std::string NoteOf(const std::vector<analysis::LengthData>& data,
                            const analysis::ComparisonResult& result,
                            const analysis::CompareOptions& options) {
    const bool equal = result.verdict == analysis::Verdict::kUndecided &&
                       result.undecided_lengths.empty() && !result.equal_lengths.empty();
    const std::string order =
        equal ? "; equal at " + std::to_string(result.equal_lengths.size()) +
                    (result.equal_lengths.size() == 1 ? " length" : " lengths") +
                    ", and no change of order elsewhere"
              : "";
    if (options.exact) {
      return "one value per length, taken as exact" + order;
    }
    std::string note = std::to_string(result.blocks_used) + " blocks" + order;
    if (result.verdict == analysis::Verdict::kUndecided && !result.undecided_lengths.empty()) {
      note += "; " + Lacking(data, result, options);
    }
    if (options.resamples == 0 && result.crossings.size() == 1) {
      note +=
          "; the interval is the bracket between sure lengths, as the file holds too many "
          "comparisons to fit each; fewer in a file get narrower intervals";
    }
    return note;
  }

  void Report(const CostSeries& own, uint32_t variant, const analysis::ComparisonResult& result,
              const std::string& note) {
    AnalyzedComparison reported;
    reported.group = table_.groups[own.group];
    v1::Comparison& comparison = reported.comparison;
    comparison = findings::ToMessage(result);
    comparison.set_baseline(table_.variants[own.variant]);
    comparison.set_candidate(table_.variants[variant]);
    comparison.set_metric(catalog::MetricFromText(reported.group.metric));
    comparison.set_mode(catalog::ModeFromText(reported.group.mode));
    comparison.set_dtype(catalog::DTypeFromText(reported.group.dtype));
    int64_t batch = 0;
    for (const char digit : reported.group.batch_size) {
      batch =
          digit >= '0' && digit <= '9' && batch < 100000000 ? 10 * batch + (digit - '0') : batch;
    }
    comparison.set_batch_size(static_cast<int32_t>(batch));
    comparison.set_note(note);
    analysis_.comparisons.push_back(std::move(reported));
  }

  CostTable table_;
  const std::string& file_;
  std::vector<CostSeries> series_;
  int64_t spent_draws_ = 0;
  bool warned_of_lattice_ = false;
  Analysis analysis_;
};

}  // namespace

absl::StatusOr<Analysis> Analyze(CostTable table, const std::string& file,
                                 const std::string& baseline) {
  return Analyzer(std::move(table), file).Run(baseline);
}

}  // namespace cusp::client
