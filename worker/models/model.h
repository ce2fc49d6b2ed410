// A model that can be measured, and how to build one from its configuration.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cusp::models {

// Tensors by the reference's argument names: input_ids [B, n] (int64),
// attention_mask [B, n] (1 = real token), token_type_ids, global_attention_mask,
// and later pixel_values, input_values, decoder_input_ids.
using Inputs = std::map<std::string, at::Tensor>;

struct BuildOptions {
  std::string attention = "eager";  // eager, sdpa, math, flash, efficient, cudnn
  at::ScalarType dtype = at::kFloat;
  at::Device device = at::Device(at::kCPU);
  uint64_t seed = 1;
  bool training = false;  // parameters require gradients, dropout acts
  // Positions that a configuration silent on them gets.
  int64_t longest_length = 512;
  // What the reference fixes by configuration follows the length of the input:
  // Nystromformer's segments. Set by whoever measures over lengths.
  bool profiling = false;
};

// What a model keeps of the tokens it has seen, while decoding.
class DecodeState {
 public:
  virtual ~DecodeState() = default;
  int64_t length = 0;  // tokens seen
};

// Owned by one thread. Methods may throw c10::Error, which only the runner's
// top frame catches. Inference belongs under c10::InferenceMode, set by the caller.
class Model {
 public:
  virtual ~Model() = default;

  // last_hidden_state [B, n, d]. Inputs of any valid length: padding to the
  // model's quantum, and cutting it off again, happens inside. Inputs that
  // CheckInputs refuses are undefined behaviour.
  virtual at::Tensor Forward(const Inputs& inputs) = 0;

  // Decoding: a state that has seen nothing; nullptr where the model, or this
  // configuration of it, does not decode.
  virtual std::unique_ptr<DecodeState> NewState() const { return nullptr; }

  // The same for an encoder-decoder: `inputs` holds what its encoder reads, and it is
  // read now. Other models look at nothing.
  virtual std::unique_ptr<DecodeState> NewStateFor(const Inputs& /*inputs*/) { return NewState(); }

  // input_ids [B, m], m >= 1, are the next tokens of every sequence, none of them
  // padding; gives [B, m, d], what the causal Forward over all tokens so far gives
  // at these. `state` comes from this model's NewState and always meets the same B.
  virtual at::Tensor Extend(const at::Tensor& input_ids, DecodeState& state);

  // INVALID_ARGUMENT for a missing or unknown tensor, a wrong shape or type, a
  // token outside the vocabulary, a length that the model cannot take. Reads
  // every value, so not for use between timed steps.
  virtual absl::Status CheckInputs(const Inputs& inputs) const = 0;

  // Random inputs of one step, from the seed: tokens are never all alike, the
  // mask is all ones and left out where the model can do without. INVALID_ARGUMENT
  // for a length that the model cannot take, with the valid ones.
  virtual absl::StatusOr<Inputs> RandomInputs(int64_t length, int64_t batch_size,
                                              uint64_t seed) const = 0;

  // Every parameter and buffer by the reference's tensor name, in a fixed order.
  virtual std::vector<std::pair<std::string, at::Tensor>> NamedTensors() const = 0;

  // The parameters alone.
  virtual std::vector<at::Tensor> Parameters() const = 0;

  // First part of the names of tensors that a file of weights may lack altogether:
  // "decoder"; empty where every tensor must be there.
  virtual std::string OptionalPart() const { return ""; }
  // Forgets these tensors, and refuses inputs for them from now on.
  virtual void LeaveOutOptionalPart() {}

  // Attention kernel that the last Forward ran; empty where there is none.
  virtual std::string AttentionUsed() const { return ""; }
};

// Builds from the text of a complete config.json, whose model_type selects the
// model; weights are drawn from the seed. INVALID_ARGUMENT names the key.
absl::StatusOr<std::unique_ptr<Model>> BuildModel(const std::string& config_json,
                                                  const BuildOptions& options);

// Replaces the weights from a safetensors file, or from the files that an index
// (`model.safetensors.index.json`) names, with the reference's tensor names.
// Returns notes on what was skipped (poolers, task heads). INVALID_ARGUMENT names
// what is missing, surplus or misshapen.
absl::StatusOr<std::vector<std::string>> LoadWeights(const std::string& path, Model& model);

}  // namespace cusp::models
