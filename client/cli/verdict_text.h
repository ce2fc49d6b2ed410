// Verdicts in words.
#pragma once

#include <string>

#include "cusp/v1/measurement.pb.h"

namespace cusp::client {

// "crosses at 1,180 tokens (1,110–1,240)", "never cheaper up to 2,048 tokens",
// "cheaper from 480 tokens (450–510), dearer from 1,900 (1,850–1,950)",
// "always cheaper from 64 to 2,048 tokens", "undecided". `unit` may be empty.
std::string VerdictText(const v1::Comparison& comparison, const std::string& unit);

}  // namespace cusp::client
