#include "worker/models/layers/decoder_span.h"

namespace cusp::models {

DecoderSpan CausalSpan(const SequenceMask& mask, int64_t before, AttentionBackend backend,
                       at::ScalarType dtype, at::Device device) {
  DecoderSpan span{.additive = mask.additive, .causal = mask.length > 1};
  if (span.causal && backend == AttentionBackend::kEager) {
    const int64_t keys = before + mask.length;
    const at::Tensor causal = CausalMask(mask.length, keys, dtype, device);
    span.additive = mask.additive.defined() ? mask.additive.add(causal)
                                            : causal.view({1, 1, mask.length, keys});
    span.causal = false;
  }
  return span;
}

}  // namespace cusp::models
