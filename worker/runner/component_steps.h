// Steps whose parts are timed, beside others that are timed as a whole.
#pragma once

#include "worker/models/model.h"
#include "worker/runner/adamw.h"
#include "worker/runner/part_timer.h"
#include "worker/runner/timer.h"

namespace cusp::runner {

// `calls` pairs of a step told apart and a step as a whole, in one sample of the timer;
// which of them goes first changes from pair to pair. One more step precedes them
// untimed. With an optimizer the steps train. There the components are those of the
// forward pass alone, and the backward pass is one part: autograd runs it in an order of
// its own, layers that recompute their forward pass included. May throw c10::Error.
PartTimer::Times TimeComponents(models::Model& model, AdamW* optimizer,
                                const models::Inputs& inputs, int calls, Timer& timer);

}  // namespace cusp::runner
