// Costs of variants at lengths, read from CSV of any tool.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::client {

// Rows are only comparable within one of these.
struct CostGroup {
  std::string metric;
  std::string mode;
  std::string dtype;
  std::string batch_size;  // empty where the file has no such column
  // What the exports of Cusp's jobs say beside the costs, so that they are
  // analysed as the job did it; of the group's first row that says so.
  std::optional<bool> exact = std::nullopt;     // whether one value per length is the truth
  std::optional<uint64_t> seed = std::nullopt;  // of the bootstrap
  double resolution = 0;  // differences of exact values below it count for nothing
};

struct CostRow {
  uint32_t group = 0;    // index into CostTable::groups
  uint32_t variant = 0;  // index into CostTable::variants
  uint32_t block = 0;    // equal for rows of one block
  int64_t length = 0;    // at least 1, in base units
  double value = 0;      // positive; infinity: out of memory
  int64_t line = 0;      // in the file, from 1
};

// How a variant pads, where the file says so.
struct CostPadding {
  int64_t quantum = 1;
  int64_t slack = 0;         // beyond a multiple, unpadded
  int64_t quantum_line = 0;  // where it is said first; 0: nowhere
  int64_t slack_line = 0;
};

struct CostTable {
  std::vector<std::string> variants;  // in order of first appearance
  std::vector<CostGroup> groups;      // likewise
  // By group and variant, of those that the file tells of.
  std::map<std::pair<uint32_t, uint32_t>, CostPadding> paddings;
  std::vector<CostRow> rows;                          // in order of the file
  bool has_blocks = false;                            // the file has a column `block`
  v1::LengthUnit unit = v1::LENGTH_UNIT_UNSPECIFIED;  // of its lengths, where it says so
};

// Reads `text` with a header line that names, in any order and case, `variant`,
// `length`, `value`, and optionally `metric` (default latency), `mode`
// (inference), `dtype` (float32), `block`, `batch_size`, and what exports of
// Cusp's jobs add: `padding_quantum`, `padding_slack`, `analysis_seed`, `exact` (yes or
// no), `resolution`, `left_out` (a row where it is not empty is not read) and `length_unit` (of
// seconds, lengths may be fractions; the same in every row). Further columns are ignored. Metrics,
// modes and number types may be any text: those of other tools are compared as well.
// INVALID_ARGUMENT, with `file`, line and column and what to write instead, for the first fault.
absl::StatusOr<CostTable> ParseCostCsv(std::string_view text, const std::string& file);

}  // namespace cusp::client
