// A stack of pre-norm causal layers with rotary positions: Llama's skeleton.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/models/config.h"
#include "worker/models/layers/gated_feed_forward.h"
#include "worker/models/layers/grouped_attention.h"
#include "worker/models/layers/layer_runner.h"
#include "worker/models/layers/rms_norm.h"
#include "worker/models/layers/rotary.h"
#include "worker/models/text/token_model.h"

namespace cusp::models {

// Registers embed_tokens, layers.0 to layers.N-1 and norm.
class DecoderModel : public TokenModel {
 public:
  // INVALID_ARGUMENT where the attention kernel cannot run. `window` 0: every token
  // before.
  static absl::StatusOr<std::unique_ptr<Model>> Build(const Config& config,
                                                      const BuildOptions& build, int64_t window);

  at::Tensor Forward(const Inputs& inputs) override;
  std::unique_ptr<DecodeState> NewState() const override;
  at::Tensor Extend(const at::Tensor& input_ids, DecodeState& state) override;
  std::string AttentionUsed() const override;

 private:
  struct Layer {
    Layer(ParameterStore& store, const std::string& prefix, const Config& config,
          const GroupedAttentionOptions& attention_options);

    at::Tensor operator()(const at::Tensor& x, const DecoderSpan& span, KvCache* cache);

    GroupedAttention attention;
    GatedFeedForward feed_forward;
    RmsNorm attention_norm;
    RmsNorm feed_forward_norm;
  };
  struct State;

  DecoderModel(const Config& config, const BuildOptions& build,
               const GroupedAttentionOptions& attention);

  // For `length` tokens that `before` others precede, of which the caches hold `kept`.
  // `attention_mask` [B, length] or undefined.
  DecoderSpan SpanOf(const at::Tensor& input_ids, const at::Tensor& attention_mask, int64_t before,
                     int64_t kept);
  at::Tensor Run(const at::Tensor& input_ids, const DecoderSpan& span, State* state);

  CausalWindow window_;
  AttentionBackend backend_;
  Rotary rotary_;
  at::Tensor words_;
  std::vector<Layer> layers_;
  RmsNorm norm_;
  LayerRunner run_;
};

}  // namespace cusp::models
