// What was or is to be expected, for people.
#pragma once

#include <string>

#include "client/lib/expectation.h"
#include "client/lib/forecast.h"
#include "client/lib/job_lengths.h"
#include "cusp/v1/result.pb.h"

namespace cusp::client {

// "620", "stays dearer", "stays cheaper", "dearer from 1,024", several with commas.
std::string OrderText(const ExpectedOrder& order, v1::LengthUnit unit);

// Beside a sweep's findings: predicted crossings of its latencies with the measured
// ones, and how far costs were from what was expected. Empty where nothing is known.
std::string RenderExpected(const Expectation& expectation, const v1::Sweep& sweep,
                           const v1::JobResult& result, v1::LengthUnit unit);

// The device, and for each sweep how long it takes and two tables.
std::string RenderForecast(const Forecast& forecast, v1::LengthUnit unit);

// FLOP of a step, FLOP/s achieved, and the share of the device's fastest product, for
// each latency of a job; a sentence where none is known.
std::string RenderFlops(const v1::Job& job, const v1::JobResult& result);

}  // namespace cusp::client
