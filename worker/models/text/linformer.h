// Linformer (Wang et al., 2020): keys and values are projected along the
// sequence to k rows before attention.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "worker/models/config.h"
#include "worker/models/model.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {

struct LinformerOptions {
  EncoderOptions encoder;
  // Rows that keys and values are projected to.
  int64_t linformer_k = 256;
};

// INVALID_ARGUMENT names the key.
absl::StatusOr<std::unique_ptr<Model>> BuildLinformer(ConfigReader& config,
                                                      const BuildOptions& build);

}  // namespace cusp::models
