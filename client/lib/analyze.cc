#include "client/lib/analyze.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>
#include <tuple>

#include "analysis/comparison.h"
#include "analysis/statistics.h"
#include "catalog/catalog.h"
#include "catalog/job_check.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

// Rows of one variant at one length, ordered by block or place in the file.
struct Cell {
  int64_t length = 0;
  std::span<const CostRow> rows;
};

bool HigherIsBetter(const CostGroup& group) {
  std::string lower = group.metric;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower == "throughput";
}

double CostOf(double value, bool higher_is_better) {
  // Out of memory is infinitely dear in either sense.
  return higher_is_better && !std::isinf(value) ? 1 / value : value;
}

// The enum value whose text is `text`, or 0.
template <typename Enum>
Enum FromText(const std::string& text, int last) {
  for (int i = 1; i <= last; ++i) {
    if (catalog::ToText(static_cast<Enum>(i)) == text) {
      return static_cast<Enum>(i);
    }
  }
  return static_cast<Enum>(0);
}

void FillCrossing(const analysis::Crossing& from, v1::Crossing& to) {
  to.set_length(from.length);
  to.set_low(from.low);
  to.set_high(from.high);
  to.set_direction(from.direction == analysis::Direction::kCheaper ? v1::DIRECTION_CHEAPER
                                                                   : v1::DIRECTION_DEARER);
}

v1::Verdict ToProto(analysis::Verdict verdict) {
  switch (verdict) {
    case analysis::Verdict::kCrosses:
      return v1::VERDICT_CROSSES;
    case analysis::Verdict::kAlways:
      return v1::VERDICT_ALWAYS;
    case analysis::Verdict::kNever:
      return v1::VERDICT_NEVER;
    case analysis::Verdict::kUndecided:
      break;
  }
  return v1::VERDICT_UNDECIDED;
}

void FillComparison(const analysis::ComparisonResult& result, v1::Comparison& comparison) {
  comparison.set_range_min(result.range_min);
  comparison.set_range_max(result.range_max);
  comparison.set_verdict(ToProto(result.verdict));
  for (const analysis::Crossing& crossing : result.crossings) {
    FillCrossing(crossing, *comparison.add_crossings());
  }
  if (result.first) {
    FillCrossing(*result.first, *comparison.mutable_first());
  }
  if (result.persistent) {
    FillCrossing(*result.persistent, *comparison.mutable_persistent());
  }
  comparison.mutable_undecided_lengths()->Add(result.undecided_lengths.begin(),
                                              result.undecided_lengths.end());
  comparison.mutable_equal_lengths()->Add(result.equal_lengths.begin(), result.equal_lengths.end());
  comparison.set_blocks_used(result.blocks_used);
}

// Rows of one variant in one group, ascending in length.
struct Series {
  uint32_t group = 0;
  uint32_t variant = 0;
  std::vector<Cell> cells;
};

class Analyzer {
 public:
  Analyzer(const CostTable& table, const std::string& file) : table_(table), file_(file) {}

  absl::StatusOr<Analysis> Run(const std::string& baseline) {
    CUSP_ASSIGN_OR_RETURN(const uint32_t base, Find(baseline));
    CUSP_RETURN_IF_ERROR(BuildSeries());
    for (size_t begin = 0; begin < series_.size();) {
      const uint32_t group = series_[begin].group;
      size_t end = begin;
      const Series* own = nullptr;
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
    const auto other = std::find_if(table_.rows.begin(), table_.rows.end(),
                                    [base](const CostRow& row) { return row.variant != base; });
    const CostRow& where = other == table_.rows.end() ? table_.rows.front() : *other;
    std::string message =
        file_ + ":" + std::to_string(where.line) + ": nothing to compare `" + baseline + "` with";
    if (other == table_.rows.end()) {
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

  // Sorts rows into series_, by group and variant.
  absl::Status BuildSeries() {
    rows_ = table_.rows;
    std::sort(rows_.begin(), rows_.end(), [](const CostRow& a, const CostRow& b) {
      return std::tie(a.group, a.variant, a.length, a.block, a.line) <
             std::tie(b.group, b.variant, b.length, b.block, b.line);
    });
    for (size_t begin = 0; begin < rows_.size();) {
      const CostRow& first = rows_[begin];
      size_t end = begin + 1;
      while (end < rows_.size() && rows_[end].group == first.group &&
             rows_[end].variant == first.variant && rows_[end].length == first.length) {
        if (table_.has_blocks && rows_[end].block == rows_[end - 1].block) {
          return absl::InvalidArgumentError(
              file_ + ":" + std::to_string(rows_[end].line) + ": `" +
              table_.variants[first.variant] + "` at length " + std::to_string(first.length) +
              " is already in this block, on line " + std::to_string(rows_[end - 1].line) +
              "; a block holds each variant once");
        }
        ++end;
      }
      if (series_.empty() || series_.back().group != first.group ||
          series_.back().variant != first.variant) {
        series_.push_back({first.group, first.variant, {}});
      }
      series_.back().cells.push_back(
          {first.length, std::span<const CostRow>(rows_).subspan(begin, end - begin)});
      begin = end;
    }
    return absl::OkStatus();
  }

  // "latency, inference, float32: …", where there is more than one group.
  void Warn(uint32_t group, const std::string& message) {
    const CostGroup& labels = table_.groups[group];
    const std::string where = table_.groups.size() < 2
                                  ? ""
                                  : labels.metric + ", " + labels.mode + ", " + labels.dtype + ": ";
    analysis_.warnings.push_back(where + message);
  }

  // Pairs of values that were measured together.
  std::vector<analysis::CostPair> Pairs(const Cell& baseline, const Cell& candidate,
                                        bool exact) const {
    const bool higher = higher_is_better_;
    std::vector<analysis::CostPair> pairs;
    const auto add = [&](const CostRow& b, const CostRow& c) {
      pairs.push_back({CostOf(b.value, higher), CostOf(c.value, higher)});
    };
    if (exact || !table_.has_blocks) {
      for (size_t i = 0; i < std::min(baseline.rows.size(), candidate.rows.size()); ++i) {
        add(baseline.rows[i], candidate.rows[i]);
      }
      return pairs;
    }
    for (size_t b = 0, c = 0; b < baseline.rows.size() && c < candidate.rows.size();) {
      if (baseline.rows[b].block == candidate.rows[c].block) {
        add(baseline.rows[b++], candidate.rows[c++]);
      } else if (baseline.rows[b].block < candidate.rows[c].block) {
        ++b;
      } else {
        ++c;
      }
    }
    return pairs;
  }

  static double MedianOf(const Cell& cell) {
    std::vector<double> values;
    for (const CostRow& row : cell.rows) {
      values.push_back(row.value);
    }
    return analysis::Median(std::move(values));
  }

  // Cells of both at the lengths where both have rows.
  static std::vector<std::pair<const Cell*, const Cell*>> Join(const std::vector<Cell>& baseline,
                                                               const std::vector<Cell>& candidate) {
    std::vector<std::pair<const Cell*, const Cell*>> joined;
    for (size_t b = 0, c = 0; b < baseline.size() && c < candidate.size();) {
      if (baseline[b].length == candidate[c].length) {
        joined.emplace_back(&baseline[b++], &candidate[c++]);
      } else if (baseline[b].length < candidate[c].length) {
        ++b;
      } else {
        ++c;
      }
    }
    return joined;
  }

  void CompareWith(const Series& own, const Series& other) {
    const uint32_t group = own.group;
    const std::string& name = table_.variants[other.variant];
    const auto joined = Join(own.cells, other.cells);
    if (joined.size() < 2) {
      Warn(group, "`" + name + "` and the baseline have " +
                      (joined.empty()
                           ? "no length"
                           : "one length only (" + std::to_string(joined[0].first->length) + ")") +
                      " in common; a tipping point takes two at least");
      return;
    }
    higher_is_better_ = HigherIsBetter(table_.groups[group]);
    analysis::CompareOptions options;
    // Intervals of hundreds of comparisons are a little coarser, not slower.
    options.resamples = static_cast<int>(std::clamp<size_t>(20000 / series_.size(), 200, 1000));
    options.exact = std::all_of(joined.begin(), joined.end(), [](const auto& both) {
      return both.first->rows.size() == 1 && both.second->rows.size() == 1;
    });
    std::vector<analysis::LengthData> data;
    size_t unpaired = 0;
    for (const auto& [baseline, candidate] : joined) {
      std::vector<analysis::CostPair> pairs = Pairs(*baseline, *candidate, options.exact);
      if (pairs.empty()) {
        ++unpaired;
      } else {
        data.push_back({baseline->length, std::move(pairs)});
      }
    }
    if (unpaired > 0) {
      Warn(group, "`" + name + "` and the baseline share no block at " + std::to_string(unpaired) +
                      " of " + std::to_string(joined.size()) + " lengths, which are left out");
    }
    if (data.size() < 2) {
      return;
    }
    Report(own, other.variant, analysis::Compare(data, options), options.exact);
    AnalyzedComparison& reported = analysis_.comparisons.back();
    const auto values_at = [&](int64_t length) {
      const auto at = std::find_if(joined.begin(), joined.end(),
                                   [&](const auto& both) { return both.first->length == length; });
      return EndValues{MedianOf(*at->first), MedianOf(*at->second)};
    };
    reported.at_min = values_at(data.front().length);
    reported.at_max = values_at(data.back().length);
  }

  void Report(const Series& own, uint32_t variant, const analysis::ComparisonResult& result,
              bool exact) {
    AnalyzedComparison reported;
    reported.group = table_.groups[own.group];
    v1::Comparison& comparison = reported.comparison;
    comparison.set_baseline(table_.variants[own.variant]);
    comparison.set_candidate(table_.variants[variant]);
    comparison.set_metric(FromText<v1::Metric>(reported.group.metric, v1::METRIC_COMPONENTS));
    comparison.set_mode(FromText<v1::Mode>(reported.group.mode, v1::MODE_DECODE));
    comparison.set_dtype(FromText<v1::DType>(reported.group.dtype, v1::DTYPE_FLOAT16));
    int64_t batch = 0;
    for (const char digit : reported.group.batch_size) {
      batch =
          digit >= '0' && digit <= '9' && batch < 100000000 ? 10 * batch + (digit - '0') : batch;
    }
    comparison.set_batch_size(static_cast<int32_t>(batch));
    FillComparison(result, comparison);
    comparison.set_note(exact ? "one value per length, taken as exact"
                              : std::to_string(result.blocks_used) + " blocks");
    analysis_.comparisons.push_back(std::move(reported));
  }

  const CostTable& table_;
  const std::string& file_;
  std::vector<CostRow> rows_;
  std::vector<Series> series_;
  bool higher_is_better_ = false;  // in the group at hand
  Analysis analysis_;
};

}  // namespace

absl::StatusOr<Analysis> Analyze(const CostTable& table, const std::string& file,
                                 const std::string& baseline) {
  return Analyzer(table, file).Run(baseline);
}

}  // namespace cusp::client
