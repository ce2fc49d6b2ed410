// Models that read tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "worker/models/stored_model.h"

namespace cusp::models {

// What such a model reads besides input_ids [B, n].
struct TokenInputs {
  bool attention_mask = true;
  bool token_types = false;  // token_type_ids, below type_vocab_size
  bool global_mask = false;  // global_attention_mask
  bool decoder = false;      // decoder_input_ids [B, m], and decoder_attention_mask
};

// Checks and draws its inputs, by the configuration's vocab_size, type_vocab_size
// and pad_token_id.
class TokenModel : public StoredModel {
 public:
  TokenModel(const Config& config, const BuildOptions& build, const TokenInputs& takes);

  absl::Status CheckInputs(const Inputs& inputs) const override;
  absl::StatusOr<Inputs> RandomInputs(int64_t length, int64_t batch_size,
                                      uint64_t seed) const override;

 protected:
  // From now on decoder_input_ids is no input.
  void TakeNoDecoderInputs() { takes_.decoder = false; }

 private:
  TokenInputs takes_;
  int64_t vocab_size_;
  int64_t type_vocab_size_;
  std::optional<int64_t> pad_token_;
};

// The tensor of that name, or an undefined one.
at::Tensor FindInput(const Inputs& inputs, const std::string& name);

}  // namespace cusp::models
