// In which metrics a sweep compares its variants.
#pragma once

#include "cusp/v1/spec.pb.h"
#include "worker/measure/sweep_setup.h"

namespace cusp::measure {

// Whether variants are compared in a metric that was planned: not in the time of a step whose
// parts are told apart.
bool IsComparedItself(v1::Metric metric);

// Whether they are in one that was recorded beside another. Not in the batch that was chosen, the
// power of an idle device, nor in the host's memory where peak memory is that less a constant.
bool IsComparedBeside(const SweepSetup& setup, v1::Metric metric);

}  // namespace cusp::measure
