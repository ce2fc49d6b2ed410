// BERT's skeleton around plain softmax attention.
#pragma once

#include "absl/status/statusor.h"
#include "worker/models/model.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {

// Attention of every token to every token, by the backend that `build` asks for.
// INVALID_ARGUMENT where that cannot run.
absl::StatusOr<EncoderVariant> PlainEncoder(const AttentionShape& shape, const BuildOptions& build);

}  // namespace cusp::models
