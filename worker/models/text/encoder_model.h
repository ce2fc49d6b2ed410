// Embeddings and a stack of post-norm blocks: BERT's skeleton, in which the
// efficient variants replace the attention alone.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/models/config.h"
#include "worker/models/layers/embeddings.h"
#include "worker/models/layers/encoder_layer.h"
#include "worker/models/layers/parameter_store.h"
#include "worker/models/layers/self_attention.h"
#include "worker/models/model.h"

namespace cusp::models {

struct EncoderOptions {
  int64_t vocab_size = 30522;
  int64_t hidden_size = 768;
  int64_t num_hidden_layers = 12;
  int64_t num_attention_heads = 12;
  int64_t intermediate_size = 3072;
  int64_t max_position_embeddings = 512;
  int64_t type_vocab_size = 2;
  std::optional<int64_t> pad_token_id;
  Activation hidden_act = Activation::kGelu;
  double hidden_dropout_prob = 0;           // of sub-layers and embeddings, in training
  double attention_probs_dropout_prob = 0;  // of attention weights, in training
  double initializer_range = 0.02;
  double layer_norm_eps = 1e-12;
  Positions positions = Positions::kFromZero;
};

// What the variants differ in, besides the options above.
struct EncoderVariant {
  // The attention of layer `layer`, with its tensors under `prefix`.
  std::function<std::unique_ptr<SelfAttention>(ParameterStore& store, const std::string& prefix,
                                               int64_t layer)>
      make_attention;
  // Inputs are padded to a multiple of this.
  int64_t quantum = 1;
  // Shortest and longest length, in tokens before padding.
  int64_t min_length = 1;
  int64_t max_length = 0;
  // Why, for messages: "max_position_embeddings is 512".
  std::string length_reason;
  // Whether global_attention_mask is an input.
  bool takes_global_mask = false;
};

// Reads the keys that all share; `defaults` holds what differs by model.
EncoderOptions ReadEncoderOptions(ConfigReader& config, EncoderOptions defaults);

// Shape of the attention, with dropout only where it acts.
AttentionShape AttentionShapeOf(const EncoderOptions& options, const BuildOptions& build);

// For models that have no fused kernel. INVALID_ARGUMENT unless `attention` is eager.
absl::Status RequireEager(const BuildOptions& build, const std::string& model_type);

// Owned by one thread, like every Model.
class EncoderModel : public Model {
 public:
  // INVALID_ARGUMENT when the parameters would not fit into this machine.
  static absl::StatusOr<std::unique_ptr<Model>> Create(const EncoderOptions& options,
                                                       const EncoderVariant& variant,
                                                       const BuildOptions& build);

  at::Tensor Forward(const Inputs& inputs) override;
  absl::Status CheckInputs(const Inputs& inputs) const override;
  absl::StatusOr<Inputs> RandomInputs(int64_t length, int64_t batch_size,
                                      uint64_t seed) const override;
  std::vector<std::pair<std::string, at::Tensor>> NamedTensors() const override;
  std::vector<at::Tensor> Parameters() const override;
  std::string AttentionUsed() const override;

 private:
  EncoderModel(const EncoderOptions& options, const EncoderVariant& variant,
               const BuildOptions& build, ParameterStore store);

  absl::Status CheckLength(int64_t length) const;

  EncoderOptions options_;
  EncoderVariant variant_;
  BuildOptions build_;
  ParameterStore store_;
  Embeddings embeddings_;
  std::vector<EncoderLayer> layers_;
};

}  // namespace cusp::models
