// The rows of a table in the order in which they are compared.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/comparison.h"
#include "analysis/padding.h"
#include "client/lib/cost_csv.h"

namespace cusp::client {

// Rows of one variant at one length, by block, then line.
struct CostCell {
  int64_t length = 0;
  std::span<const CostRow> rows;
};

// One variant in one group, ascending in length.
struct CostSeries {
  uint32_t group = 0;
  uint32_t variant = 0;
  std::vector<CostCell> cells;
};

// True of throughput and the like, in any case of its letters.
bool HigherIsBetter(const CostGroup& group);

// What a value costs: itself, or its reciprocal where `higher_is_better`.
double CostOf(double value, bool higher_is_better);

// As the file says of the variant in its group; none where it says nothing.
analysis::Padding PaddingOf(const CostTable& table, const CostSeries& series);

// Sorts table.rows, and gives the series by group, then variant; their spans
// point into the table. INVALID_ARGUMENT, with `file` and both lines, where a
// variant is twice in a block at one length.
absl::StatusOr<std::vector<CostSeries>> SortIntoSeries(CostTable& table, const std::string& file);

// Cells of both at the lengths where both have rows.
using CellPair = std::pair<const CostCell*, const CostCell*>;
std::vector<CellPair> JoinByLength(const CostSeries& baseline, const CostSeries& candidate);

// Values of both that were measured together: those of equal blocks where
// `by_block`, else the first rows, the second rows and so on; in the order of the
// baseline's rows in the file. Where
// `higher_is_better`, a value's reciprocal is the cost.
std::vector<analysis::CostPair> PairCosts(const CellPair& cells, bool by_block,
                                          bool higher_is_better);

}  // namespace cusp::client
