// HuBERT (Hsu et al., 2021): plain attention between the frames of a waveform, with
// any of LibTorch's attention kernels.
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/plain_attention.h"
#include "worker/models/speech/hubert_model.h"

namespace cusp::models {

absl::StatusOr<std::unique_ptr<Model>> BuildHubert(const Config& config,
                                                   const BuildOptions& build) {
  const AttentionShape shape = HubertAttentionShape(config, build);
  CUSP_ASSIGN_OR_RETURN(const AttentionBackend backend, ChooseBackend(shape, build));
  HubertVariant variant;
  variant.make_attention = [shape, backend](ParameterStore& store, const std::string& prefix) {
    return std::make_unique<PlainAttention>(store, prefix, shape, backend);
  };
  return std::make_unique<HubertModel>(config, variant, build);
}

}  // namespace cusp::models
