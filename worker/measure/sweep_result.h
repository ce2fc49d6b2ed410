// What a sweep found, summed up for the user.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "common/clock.h"
#include "cusp/v1/job.pb.h"
#include "cusp/v1/measurement.pb.h"
#include "worker/measure/plan.h"

namespace cusp::measure {

// Every comparison and every cost. Where measuring ended before a plan had
// nothing left to ask, the notes of its unsettled comparisons say that the
// budget (in all) was spent and what is missing. Notes also count the plan's
// disturbed blocks, and say where `self_check` differs. Where it differs and more than
// a fifth of the blocks were disturbed, what the ratios say of order is withheld: the
// verdict is `undecided`, and the note has the reason.
v1::SweepResult MakeResult(std::deque<Plan>& plans, Clock::Duration budget,
                           const std::optional<v1::SelfCheck>& self_check);

// Adds an undecided comparison, with the reason, of each metric that the job asks for and
// nobody planned: this worker has no means to measure it.
void AddUnavailable(const SweepSetup& setup, const std::deque<Plan>& plans,
                    v1::SweepResult& result);

// Nothing where at least one point is usable; otherwise why none is, with its length
// in `unit`.
std::optional<v1::Failure> FailureOfResult(const v1::SweepResult& result, v1::LengthUnit unit);

}  // namespace cusp::measure
