// Inputs of models that read tokens: checking given ones, drawing random ones.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "worker/models/layers/sequence_mask.h"
#include "worker/models/model.h"

namespace cusp::models {

struct TokenInputRules {
  int64_t vocab_size = 0;
  int64_t type_vocab_size = 0;  // 0: token_type_ids is no input
  bool attention_mask = true;
  bool global_mask = false;  // whether global_attention_mask is taken
  bool decoder = false;      // whether decoder_input_ids and its mask are taken
};

// INVALID_ARGUMENT names the tensor: unknown, missing, wrong shape or type, a
// value out of range.
absl::Status CheckTokenInputs(const Inputs& inputs, const TokenInputRules& rules);

struct RandomTokenOptions {
  int64_t length = 0;
  int64_t batch_size = 1;
  int64_t vocab_size = 0;
  std::optional<int64_t> avoid;  // the padding token, which is never drawn
  bool decoder = false;          // decoder_input_ids too, of the same length
  at::Device device = at::Device(at::kCPU);
};

// input_ids, and nothing else unless asked for. INVALID_ARGUMENT for a batch size below 1.
absl::StatusOr<Inputs> RandomTokenInputs(const RandomTokenOptions& options, uint64_t seed);

// Sets mask.global from global_attention_mask [B, n] where that marks any real
// token; undefined input or none marked leaves it undefined.
void SetGlobalTokens(SequenceMask& mask, const at::Tensor& global_attention_mask, int64_t padding);

}  // namespace cusp::models
