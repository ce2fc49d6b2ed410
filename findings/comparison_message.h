// The result of a comparison as a message.
#pragma once

#include "analysis/comparison.h"
#include "cusp/v1/measurement.pb.h"

namespace cusp::findings {

// Verdict, range, crossings, undecided and equal lengths, and blocks used. Who
// was compared, in what, and the note are the caller's to set.
v1::Comparison ToMessage(const analysis::ComparisonResult& result);

}  // namespace cusp::findings
