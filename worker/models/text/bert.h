// BERT (Devlin et al., 2019): full attention, the plain baseline.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "worker/models/config.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/model.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {

struct BertOptions {
  EncoderOptions encoder;
  AttentionBackend attention = AttentionBackend::kEager;
};

// INVALID_ARGUMENT names the key, or says why the attention backend can't run.
absl::StatusOr<std::unique_ptr<Model>> BuildBert(ConfigReader& config, const BuildOptions& build);

}  // namespace cusp::models
