// What one comparison still lacks: its analysis so far, and the lengths where
// more blocks would bring it nearer to its end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/comparison.h"

namespace cusp::analysis {

struct RefineOptions {
  CompareOptions compare;
  std::vector<int64_t> grid;  // to be decided in any case; ascending
  bool fixed = false;         // nothing but the grid may be measured
  int64_t step = 16;          // other lengths are multiples of it
  double precision = 0.05;    // wanted relative half-width of each crossing
  int max_blocks = 100;
  int64_t per_unit = 1;  // notes tell lengths in units of so many
};

// A length that wants one more block now, and `blocks` more by estimate.
struct Wish {
  int64_t length = 0;
  int64_t blocks = 1;
  // The answer stands without it, and might turn out to be finer: for when nothing
  // else is left to do.
  bool spare = false;
};

struct Assessment {
  ComparisonResult result;
  std::vector<Wish> wishes;  // ascending in length; empty at the end
  bool settled = false;
  std::string note;
};

// `data` ascends in length; `barred`, ascending, are lengths where one of the
// variants failed for good. Pure.
Assessment Assess(const std::vector<LengthData>& data, const std::vector<int64_t>& barred,
                  const RefineOptions& options);

}  // namespace cusp::analysis
