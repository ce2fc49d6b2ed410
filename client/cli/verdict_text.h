// Verdicts and outcomes in words.
#pragma once

#include <string>

#include "client/lib/job_lengths.h"
#include "cusp/v1/measurement.pb.h"

namespace cusp::client {

// "crosses at 1,180 tokens (1,110–1,240)", "never cheaper up to 2,048 tokens",
// "cheaper from 480 tokens (450–510), dearer from 1,900 (1,850–1,950)",
// "always cheaper from 64 to 2,048 tokens", "undecided". Where inputs become
// tokens, their number follows: "crosses at 3.26 seconds (2.91–3.62) = 162 tokens".
std::string VerdictText(const v1::Comparison& comparison, const JobLengths& lengths);

// "bert against itself at 128 tokens: +0.2 % (-0.4 to +0.9 %), no difference".
std::string SelfCheckText(const v1::SelfCheck& check, const JobLengths& lengths);

// What became of a measurement without a value: "oom", "crashed", "timed out", "invalid".
std::string OutcomeText(v1::Outcome outcome);

}  // namespace cusp::client
