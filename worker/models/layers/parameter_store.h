// The tensors of a model: made, drawn and named in one place.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cusp::models {

struct ParameterStoreOptions {
  at::ScalarType dtype = at::kFloat;
  at::Device device = at::Device(at::kCPU);
  uint64_t seed = 1;
  double initializer_range = 0.02;  // deviation of the normal draws
  bool training = false;            // parameters require gradients
  bool share_layers = false;        // ShareLayer has an effect
  bool checkpointing = false;       // for LayerRunner, which says what it means
};

// Hands out parameters while a model is constructed and keeps them by name.
// Draws are made on the CPU in float32 and then converted, so that a seed gives
// the same weights on every device and, up to rounding, in every type. Owned by
// the model; not thread-safe.
class ParameterStore {
 public:
  explicit ParameterStore(const ParameterStoreOptions& options);

  // Normal with deviation initializer_range. Row `zero_row` is zero where given
  // (the padding token's embedding).
  at::Tensor Normal(const std::string& name, at::IntArrayRef sizes,
                    std::optional<int64_t> zero_row = std::nullopt);
  at::Tensor Constant(const std::string& name, at::IntArrayRef sizes, double value);
  // A parameter with these values, float32 on the CPU.
  at::Tensor Of(const std::string& name, const at::Tensor& values);
  // A tensor that is stored and loaded but not trained.
  at::Tensor Buffer(const std::string& name, const at::Tensor& values);

  // With share_layers: what is registered from here on below `layer` is what is already
  // there, under the same name, below `first`; what is not there is new.
  void ShareLayer(const std::string& layer, const std::string& first);

  // Deviation of the normal draws from here on.
  void set_initializer_range(double deviation) { options_.initializer_range = deviation; }
  // Forgets every tensor whose name begins with `prefix`.
  void Remove(const std::string& prefix);

  // Parameters and buffers.
  const std::vector<std::pair<std::string, at::Tensor>>& tensors() const { return tensors_; }
  const std::vector<at::Tensor>& parameters() const { return parameters_; }
  const ParameterStoreOptions& options() const { return options_; }
  // For draws of other kinds; float32 on the CPU.
  at::Generator& generator() { return generator_; }

 private:
  at::Tensor Register(const std::string& name, const at::Tensor& values);
  // The tensor that `name` shares, or undefined.
  at::Tensor Shared(const std::string& name) const;

  ParameterStoreOptions options_;
  at::Generator generator_;
  std::vector<std::pair<std::string, at::Tensor>> tensors_;
  std::vector<at::Tensor> parameters_;
  std::string layer_;  // the last that shares, up to and with its dot; or empty
  std::string first_;
};

}  // namespace cusp::models
