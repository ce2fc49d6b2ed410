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
};

// Hands out parameters while a model is constructed and keeps them by name.
// Draws are made on the CPU in float32 and then converted, so that a seed gives
// the same weights on every device and, up to rounding, in every type. A
// counting store allocates nothing and returns undefined tensors: it finds out
// what a configuration would need. Owned by the model; not thread-safe.
class ParameterStore {
 public:
  explicit ParameterStore(const ParameterStoreOptions& options);
  static ParameterStore Counting(const ParameterStoreOptions& options);

  // Normal with deviation initializer_range. Row `zero_row` is zero where given
  // (the padding token's embedding).
  at::Tensor Normal(const std::string& name, at::IntArrayRef sizes,
                    std::optional<int64_t> zero_row = std::nullopt);
  at::Tensor Constant(const std::string& name, at::IntArrayRef sizes, double value);

  const std::vector<std::pair<std::string, at::Tensor>>& tensors() const { return tensors_; }
  // What was asked for so far; a double cannot overflow.
  double bytes() const { return bytes_; }
  const ParameterStoreOptions& options() const { return options_; }

 private:
  at::Tensor Register(const std::string& name, const at::Tensor& values);
  void Count(at::IntArrayRef sizes);

  ParameterStoreOptions options_;
  bool counting_ = false;
  at::Generator generator_;
  double bytes_ = 0;
  std::vector<std::pair<std::string, at::Tensor>> tensors_;
};

}  // namespace cusp::models
