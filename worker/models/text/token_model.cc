#include "worker/models/text/token_model.h"

#include "common/status_macros.h"
#include "worker/models/text/token_inputs.h"

namespace cusp::models {

TokenModel::TokenModel(const Config& config, const BuildOptions& build, const TokenInputs& takes)
    : StoredModel(config, build),
      takes_(takes),
      vocab_size_(config.Int("vocab_size")),
      type_vocab_size_(takes.token_types ? config.Int("type_vocab_size") : 0),
      pad_token_(config.values().contains("pad_token_id") ? config.OptionalInt("pad_token_id")
                                                          : std::nullopt) {}

absl::Status TokenModel::CheckInputs(const Inputs& inputs) const {
  CUSP_RETURN_IF_ERROR(CheckTokenInputs(inputs, {.vocab_size = vocab_size_,
                                                 .type_vocab_size = type_vocab_size_,
                                                 .attention_mask = takes_.attention_mask,
                                                 .global_mask = takes_.global_mask,
                                                 .decoder = takes_.decoder}));
  return Annotate(CheckLength(inputs.at("input_ids").size(1)), "input_ids");
}

absl::StatusOr<Inputs> TokenModel::RandomInputs(int64_t length, int64_t batch_size,
                                                uint64_t seed) const {
  CUSP_RETURN_IF_ERROR(CheckLength(length));
  return RandomTokenInputs({.length = length,
                            .batch_size = batch_size,
                            .vocab_size = vocab_size_,
                            .avoid = pad_token_,
                            .decoder = takes_.decoder,
                            .device = build().device},
                           seed);
}

at::Tensor FindInput(const Inputs& inputs, const std::string& name) {
  const auto found = inputs.find(name);
  return found == inputs.end() ? at::Tensor() : found->second;
}

}  // namespace cusp::models
