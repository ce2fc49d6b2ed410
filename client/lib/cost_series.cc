#include "client/lib/cost_series.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <tuple>

#include "absl/status/status.h"
#include "catalog/job_check.h"
#include "catalog/lengths.h"
#include "catalog/metrics.h"
#include "client/lib/csv_field.h"

namespace cusp::client {
namespace {

absl::Status TwiceInABlock(const CostTable& table, const std::string& file, const CostRow& first,
                           const CostRow& second) {
  return absl::InvalidArgumentError(
      file + ":" + std::to_string(second.line) + ": `" + table.variants[second.variant] +
      "` at length " + catalog::LengthText(second.length, table.unit) +
      " is already in this block, on line " + std::to_string(first.line) +
      "; a block holds each variant once");
}

// Orders the rows by group, variant, length, block and line.
void Sort(std::vector<CostRow>& rows) {
  std::sort(rows.begin(), rows.end(), [](const CostRow& a, const CostRow& b) {
    return std::tie(a.group, a.variant, a.length, a.block, a.line) <
           std::tie(b.group, b.variant, b.length, b.block, b.line);
  });
}

}  // namespace

bool HigherIsBetter(const CostGroup& group) {
  return catalog::HigherIsBetter(catalog::MetricFromText(LowerCase(group.metric)));
}

double CostOf(double value, bool higher_is_better) {
  // Out of memory is infinitely dear in either sense.
  return higher_is_better && !std::isinf(value) ? 1 / value : value;
}

analysis::Padding PaddingOf(const CostTable& table, const CostSeries& series) {
  const auto said = table.paddings.find({series.group, series.variant});
  return said == table.paddings.end()
             ? analysis::Padding()
             : analysis::Padding{.quantum = said->second.quantum, .slack = said->second.slack};
}

absl::StatusOr<std::vector<CostSeries>> SortIntoSeries(CostTable& table, const std::string& file) {
  Sort(table.rows);
  const std::span<const CostRow> rows(table.rows);
  std::vector<CostSeries> series;
  for (size_t begin = 0; begin < rows.size();) {
    const CostRow& first = rows[begin];
    size_t end = begin + 1;
    while (end < rows.size() && rows[end].group == first.group &&
           rows[end].variant == first.variant && rows[end].length == first.length) {
      if (table.has_blocks && rows[end].block == rows[end - 1].block) {
        return TwiceInABlock(table, file, rows[end - 1], rows[end]);
      }
      ++end;
    }
    if (series.empty() || series.back().group != first.group ||
        series.back().variant != first.variant) {
      series.push_back({first.group, first.variant, {}});
    }
    series.back().cells.push_back({first.length, rows.subspan(begin, end - begin)});
    begin = end;
  }
  return series;
}

std::vector<CellPair> JoinByLength(const CostSeries& baseline, const CostSeries& candidate) {
  std::vector<CellPair> joined;
  for (size_t b = 0, c = 0; b < baseline.cells.size() && c < candidate.cells.size();) {
    if (baseline.cells[b].length == candidate.cells[c].length) {
      joined.emplace_back(&baseline.cells[b++], &candidate.cells[c++]);
    } else if (baseline.cells[b].length < candidate.cells[c].length) {
      ++b;
    } else {
      ++c;
    }
  }
  return joined;
}

std::vector<analysis::CostPair> PairCosts(const CellPair& cells, bool by_block,
                                          bool higher_is_better) {
  const std::span<const CostRow> baseline = cells.first->rows;
  const std::span<const CostRow> candidate = cells.second->rows;
  std::vector<std::pair<int64_t, analysis::CostPair>> found;  // with the baseline's line
  found.reserve(std::min(baseline.size(), candidate.size()));
  for (size_t b = 0, c = 0; b < baseline.size() && c < candidate.size();) {
    if (!by_block || baseline[b].block == candidate[c].block) {
      const CostRow& own = baseline[b++];
      found.push_back(
          {own.line,
           {CostOf(own.value, higher_is_better), CostOf(candidate[c++].value, higher_is_better)}});
    } else if (baseline[b].block < candidate[c].block) {
      ++b;
    } else {
      ++c;
    }
  }
  // Blocks are numbered as they first appear in the whole file, which need not
  // be their order here.
  const auto earlier = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (!std::is_sorted(found.begin(), found.end(), earlier)) {
    std::sort(found.begin(), found.end(), earlier);
  }
  std::vector<analysis::CostPair> pairs;
  pairs.reserve(found.size());
  for (const auto& [line, pair] : found) {
    pairs.push_back(pair);
  }
  return pairs;
}

}  // namespace cusp::client
