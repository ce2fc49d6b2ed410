#include "worker/models/layers/parameter_store.h"

#include <algorithm>

#include "worker/models/layers/ops.h"

namespace cusp::models {

ParameterStore::ParameterStore(const ParameterStoreOptions& options)
    : options_(options), generator_(ops::CpuGenerator(options.seed)) {}

at::Tensor ParameterStore::Normal(const std::string& name, at::IntArrayRef sizes,
                                  std::optional<int64_t> zero_row) {
  if (at::Tensor shared = Shared(name); shared.defined()) {
    return shared;
  }
  at::Tensor values = ops::Empty(sizes, at::kFloat, at::kCPU);
  values.normal_(0, options_.initializer_range, generator_);
  if (zero_row.has_value()) {
    values.select(0, *zero_row).zero_();
  }
  return Of(name, values);
}

at::Tensor ParameterStore::Constant(const std::string& name, at::IntArrayRef sizes, double value) {
  return Of(name, ops::Full(sizes, value, at::kFloat, at::kCPU));
}

at::Tensor ParameterStore::Of(const std::string& name, const at::Tensor& values) {
  if (at::Tensor shared = Shared(name); shared.defined()) {
    return shared;
  }
  at::Tensor parameter = Register(name, values);
  parameter.requires_grad_(options_.training);
  parameters_.push_back(parameter);
  return parameter;
}

at::Tensor ParameterStore::Buffer(const std::string& name, const at::Tensor& values) {
  const at::Tensor shared = Shared(name);
  return shared.defined() ? shared : Register(name, values);
}

void ParameterStore::ShareLayer(const std::string& layer, const std::string& first) {
  if (options_.share_layers && layer != first) {
    layer_ = layer + ".";
    first_ = first + ".";
  }
}

at::Tensor ParameterStore::Shared(const std::string& name) const {
  if (layer_.empty() || !name.starts_with(layer_)) {
    return {};
  }
  const std::string wanted = first_ + name.substr(layer_.size());
  const auto found = std::find_if(tensors_.begin(), tensors_.end(),
                                  [&](const auto& entry) { return entry.first == wanted; });
  return found == tensors_.end() ? at::Tensor() : found->second;
}

void ParameterStore::Remove(const std::string& prefix) {
  std::erase_if(tensors_, [&](const auto& entry) {
    if (!entry.first.starts_with(prefix)) {
      return false;
    }
    std::erase_if(parameters_,
                  [&](const at::Tensor& parameter) { return parameter.is_same(entry.second); });
    return true;
  });
}

at::Tensor ParameterStore::Register(const std::string& name, const at::Tensor& values) {
  at::Tensor stored = values.to(c10::TensorOptions().dtype(options_.dtype).device(options_.device));
  tensors_.emplace_back(name, stored);
  return stored;
}

}  // namespace cusp::models
