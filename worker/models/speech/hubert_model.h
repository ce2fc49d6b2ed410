// HuBERT's skeleton: convolutions over the waveform, positions by convolution, and
// Transformer blocks in which the efficient variants replace the attention alone.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "worker/models/layers/block.h"
#include "worker/models/layers/layer_runner.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/self_attention.h"
#include "worker/models/layers/sequence_mask.h"
#include "worker/models/layers/waveform_encoder.h"
#include "worker/models/stored_model.h"

namespace cusp::models {

// What the variants differ in.
struct HubertVariant {
  // One layer's attention, with its tensors under `prefix`.
  std::function<std::unique_ptr<SelfAttention>(ParameterStore& store, const std::string& prefix)>
      make_attention;
  // Frames are padded to a multiple of it.
  int64_t frame_quantum = 1;
};

// Shape of the attention, under HuBERT's names, with dropout only where it acts.
AttentionShape HubertAttentionShape(const Config& config, const BuildOptions& build);

// Reads input_values [B, samples] and, where rows are shorter, attention_mask of the
// same shape: as in the reference the convolutions see what is masked, and the number
// of ones in a row says how many frames are real.
class HubertModel : public StoredModel {
 public:
  HubertModel(const Config& config, const HubertVariant& variant, const BuildOptions& build);

  // [B, frames, d].
  at::Tensor Forward(const Inputs& inputs) override;
  absl::Status CheckInputs(const Inputs& inputs) const override;
  absl::StatusOr<Inputs> RandomInputs(int64_t length, int64_t batch_size,
                                      uint64_t seed) const override;
  std::string AttentionUsed() const override;

 private:
  // Frames before the first layer, padded, and which of them are real.
  at::Tensor Embed(const Inputs& inputs, SequenceMask& mask) const;
  at::Tensor Project(const at::Tensor& frames) const;
  // Whether a layer is left out of this training step.
  bool DropsLayer() const;

  bool stable_;
  int64_t frame_quantum_;
  double dropout_;
  double projection_dropout_;
  double layer_drop_;
  WaveformEncoder waveform_;
  std::unique_ptr<LayerNorm> projection_norm_;  // null without feat_proj_layer_norm
  Linear projection_;
  ConvPositions positions_;
  LayerNorm norm_;
  std::vector<std::unique_ptr<SelfAttention>> attentions_;
  std::vector<Block> blocks_;
  LayerRunner run_;
};

}  // namespace cusp::models
