// Longformer (Beltagy, Peters and Cohan, 2020): a sliding window, and tokens
// that attend to all and are attended to by all.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/models/config.h"
#include "worker/models/model.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {

struct LongformerOptions {
  EncoderOptions encoder;
  // Whole window of each layer, even: half of it to either side.
  std::vector<int64_t> attention_window;
};

// INVALID_ARGUMENT names the key.
absl::StatusOr<std::unique_ptr<Model>> BuildLongformer(ConfigReader& config,
                                                       const BuildOptions& build);

}  // namespace cusp::models
