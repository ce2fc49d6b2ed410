#include "worker/models/text/plain_encoder.h"

#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/layers/plain_attention.h"

namespace cusp::models {

absl::StatusOr<EncoderVariant> PlainEncoder(const AttentionShape& shape,
                                            const BuildOptions& build) {
  CUSP_ASSIGN_OR_RETURN(const AttentionBackend backend, ChooseBackend(shape, build));
  EncoderVariant variant;
  variant.make_attention = [shape, backend](ParameterStore& store, const std::string& prefix,
                                            int64_t) {
    return std::make_unique<PlainAttention>(store, prefix, shape, backend);
  };
  return variant;
}

}  // namespace cusp::models
