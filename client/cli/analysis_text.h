// The findings of `cusp analyze` as people read them.
#pragma once

#include <string>

#include "client/lib/analyze.h"

namespace cusp::client {

// For each metric, mode, number type and batch size a title and a table: a row
// for each comparison with its verdict, the values of candidate and baseline at
// both ends of the range in the file's own unit, and the blocks behind it. Pure.
std::string RenderAnalysis(const Analysis& analysis);

}  // namespace cusp::client
