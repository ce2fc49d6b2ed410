// Embeddings and a stack of post-norm blocks: BERT's skeleton, in which the
// efficient variants replace the attention alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/models/config.h"
#include "worker/models/layers/embeddings.h"
#include "worker/models/layers/encoder_layer.h"
#include "worker/models/layers/layer_runner.h"
#include "worker/models/layers/self_attention.h"
#include "worker/models/text/token_model.h"

namespace cusp::models {

// What the variants differ in.
struct EncoderVariant {
  // The attention of layer `layer`, with its tensors under `prefix`.
  std::function<std::unique_ptr<SelfAttention>(ParameterStore& store, const std::string& prefix,
                                               int64_t layer)>
      make_attention;
  Positions positions = Positions::kFromZero;
  LinearOptions linear = {};  // of the layers, outside attention
  // What the tensors of layer N are called; undefined: encoder.layer.N.
  std::function<std::string(int64_t layer)> layer_prefix = {};
  std::string attention_prefix = "attention.self";
  EncoderLayerNames layer_names = {};
  // A layer between embeddings of `embedding_size` and the first layer; empty: none.
  std::string embedding_projection = "";
  int64_t embedding_size = 0;  // 0: hidden_size
  // How many layers there are, and which run in turn; 0 and empty: num_hidden_layers,
  // each once.
  int64_t layers = 0;
  std::vector<size_t> order = {};
  // Whether attention_mask is an input.
  bool takes_mask = true;
  // Whether global_attention_mask is an input.
  bool takes_global_mask = false;
  // Inputs are padded to a multiple of this; 0: as the catalog says.
  int64_t quantum = 0;
  // Inputs up to this length are not padded.
  int64_t longest_unpadded = 0;
  double word_scale = 1;  // of the word embeddings
};

// What a configuration with BERT's keys says of its parts, with dropout only where it acts.
AttentionShape AttentionShapeOf(const Config& config, const BuildOptions& build);

EmbeddingOptions EmbeddingOptionsOf(const Config& config, const EncoderVariant& variant,
                                    const BuildOptions& build);
EncoderLayerOptions EncoderLayerOptionsOf(const Config& config, const EncoderVariant& variant,
                                          const BuildOptions& build);

// With is_decoder every layer is causal, and if the attention can, it decodes.
class EncoderModel : public TokenModel {
 public:
  EncoderModel(const Config& config, const EncoderVariant& variant, const BuildOptions& build);

  at::Tensor Forward(const Inputs& inputs) override;
  std::unique_ptr<DecodeState> NewState() const override;
  at::Tensor Extend(const at::Tensor& input_ids, DecodeState& state) override;
  std::string AttentionUsed() const override;

 private:
  at::Tensor Embedded(const at::Tensor& x) const;
  bool causal_;
  int64_t longest_unpadded_;
  Embeddings embeddings_;
  std::optional<Linear> embedding_projection_;
  std::vector<EncoderLayer> layers_;
  std::vector<size_t> order_;
  LayerRunner run_;
};

}  // namespace cusp::models
