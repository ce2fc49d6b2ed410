// What decoding costs at a context: steps timed around it, and its first token.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/models/model.h"
#include "worker/runner/part_timer.h"
#include "worker/runner/timer.h"

namespace cusp::runner {

struct DecodePoint {
  int64_t context = 1;      // tokens in the cache, at least 1
  int64_t reach = 0;        // below context: how far from it a step may lie
  int64_t fill_tokens = 0;  // read at once while it is filled; 0: all
  int calls = 1;
  bool each_call = false;  // timed by itself
};

// Tokens that the inputs for a point hold.
inline int64_t TokensFor(const DecodePoint& point) { return point.context + point.reach + 1; }

// Nanoseconds of `calls` steps of one token each, at contexts around the point's: in as
// many runs as its reach makes necessary, each from a cache filled anew. One value for each
// call where it is timed by itself, else one for each run. Filling and the first steps of a
// run are not timed. INVALID_ARGUMENT where the model does not decode. May throw
// c10::Error. Belongs under c10::InferenceMode.
absl::StatusOr<std::vector<int64_t>> TimeDecodeSteps(models::Model& model,
                                                     const models::Inputs& inputs,
                                                     const DecodePoint& point, Timer& timer);

// `calls` pairs of such a step told apart and one as a whole, in turns; which of them goes
// first changes from pair to pair. As above.
absl::StatusOr<PartTimer::Times> TimeDecodeComponents(models::Model& model,
                                                      const models::Inputs& inputs,
                                                      const DecodePoint& point, Timer& timer);

// Nanoseconds of reading the whole context `calls` times, an encoder's pass over its
// source included: the last token's output is the first new token. As above.
absl::StatusOr<int64_t> TimeFirstToken(models::Model& model, const models::Inputs& inputs,
                                       const DecodePoint& point, Timer& timer);

}  // namespace cusp::runner
