// The offline analysis: a table of costs in, comparisons out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lib/cost_csv.h"
#include "cusp/v1/measurement.pb.h"

namespace cusp::client {

// Median values of both variants at one end of the range, as the file has them;
// infinity: out of memory.
struct EndValues {
  double baseline = 0;
  double candidate = 0;
};

struct AnalyzedComparison {
  CostGroup group;  // texts as in the file, also where the enums below know none
  v1::Comparison comparison;
  EndValues at_min;
  EndValues at_max;
};

struct Analysis {
  // By group, then candidate, each in order of first appearance.
  std::vector<AnalyzedComparison> comparisons;
  std::vector<std::string> warnings;                  // what was left out, and why
  v1::LengthUnit unit = v1::LENGTH_UNIT_UNSPECIFIED;  // in whose base lengths are
};

// Compares every other variant with `baseline` in each group of the table; of a
// job's exported samples this is the answer of the job. Where both have one value
// per length, these are taken as exact, unless the group says otherwise; else the ratio
// is taken between rows of the same block, or, in a file without blocks, between
// the first rows of both at a length, the second rows, and so on, in the order
// of the file. Of throughput (any case), higher is better. INVALID_ARGUMENT,
// naming `file` and line: no such variant, nothing to compare it with, the same variant
// twice in a block, fewer than two lengths in common.
absl::StatusOr<Analysis> Analyze(CostTable table, const std::string& file,
                                 const std::string& baseline);

}  // namespace cusp::client
