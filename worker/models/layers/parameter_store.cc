#include "worker/models/layers/parameter_store.h"

#include "worker/models/layers/ops.h"

namespace cusp::models {

ParameterStore::ParameterStore(const ParameterStoreOptions& options)
    : options_(options), generator_(ops::CpuGenerator(options.seed)) {}

ParameterStore ParameterStore::Counting(const ParameterStoreOptions& options) {
  ParameterStore store(options);
  store.counting_ = true;
  return store;
}

at::Tensor ParameterStore::Normal(const std::string& name, at::IntArrayRef sizes,
                                  std::optional<int64_t> zero_row) {
  Count(sizes);
  if (counting_) {
    return {};
  }
  at::Tensor values = ops::Empty(sizes, at::kFloat, at::kCPU);
  values.normal_(0, options_.initializer_range, generator_);
  if (zero_row.has_value()) {
    values.select(0, *zero_row).zero_();
  }
  return Register(name, values);
}

at::Tensor ParameterStore::Constant(const std::string& name, at::IntArrayRef sizes, double value) {
  Count(sizes);
  if (counting_) {
    return {};
  }
  return Register(name, ops::Full(sizes, value, at::kFloat, at::kCPU));
}

at::Tensor ParameterStore::Register(const std::string& name, const at::Tensor& values) {
  at::Tensor parameter =
      values.to(c10::TensorOptions().dtype(options_.dtype).device(options_.device));
  parameter.requires_grad_(options_.training);
  tensors_.emplace_back(name, parameter);
  return parameter;
}

void ParameterStore::Count(at::IntArrayRef sizes) {
  double elements = 1;
  for (const int64_t size : sizes) {
    elements *= static_cast<double>(size);
  }
  bytes_ += elements * static_cast<double>(c10::elementSize(options_.dtype));
}

}  // namespace cusp::models
