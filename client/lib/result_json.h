// Findings as the JSON that scripts read.
#pragma once

#include <nlohmann/json.hpp>

#include "client/lib/job_lengths.h"
#include "cusp/v1/job.pb.h"
#include "cusp/v1/measurement.pb.h"
#include "cusp/v1/result.pb.h"

namespace cusp::client {

// One element of "comparisons". Both `results --json` and `analyze --json`
// print {"comparisons": […]} made of these, with further keys beside it. Where
// inputs become tokens, tokens_baseline and tokens_candidate stand beside lengths.
nlohmann::ordered_json ComparisonToJson(const v1::Comparison& comparison,
                                        const JobLengths& lengths);

// The whole answer of `results --json`: job, name, state, complete, unit,
// comparisons (with datasets: SharesBeyond), costs, self_checks, predictions, provenances; beside
// latencies what was expected, where the worker told its device's speed; under `beside`
// comparisons in metrics that nobody asked for. A cost without value has null for it, and an
// outcome that says why.
nlohmann::ordered_json ResultToJson(const v1::Job& job, const v1::JobResult& result);

// "crosses", "always", "never", "undecided".
std::string ToText(v1::Verdict verdict);

// "ok", "oom", "crashed", "timed_out", "invalid".
std::string ToText(v1::Outcome outcome);

}  // namespace cusp::client
