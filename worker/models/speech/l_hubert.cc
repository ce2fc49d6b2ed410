// L-HuBERT (Diwan, Choi and Harwath, 2023): HuBERT whose frames attend to a band.
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/banded_attention.h"
#include "worker/models/speech/hubert_model.h"

namespace cusp::models {

absl::StatusOr<std::unique_ptr<Model>> BuildLHubert(const Config& config,
                                                    const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "l_hubert"));
  HubertVariant variant;
  variant.frame_quantum = config.Int("attention_window");
  variant.make_attention = [shape = HubertAttentionShape(config, build),
                            window = config.Int("attention_window")](ParameterStore& store,
                                                                     const std::string& prefix) {
    return std::make_unique<BandedAttention>(store, prefix, shape, window);
  };
  return std::make_unique<HubertModel>(config, variant, build);
}

}  // namespace cusp::models
