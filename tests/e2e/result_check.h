// Whether a finished job's answer holds together.
#pragma once

#include <string>

#include "tests/e2e/stack.h"

namespace cusp::e2e {

// What `cusp analyze` of the job's exported samples says otherwise than the job's own
// result, or why one of them cannot be had; empty where both agree in everything that
// the samples determine. `baselines` as analyze takes them.
std::string DifferenceFromAnalysis(const Stack& stack, const std::string& id,
                                   const std::string& baselines);

// How the answer of a planted job is not the planted one; empty where it is.
std::string DifferenceFromPlanted(const Stack& stack, const std::string& id);

}  // namespace cusp::e2e
