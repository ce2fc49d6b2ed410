// A linear map of fewer parameters: one narrow matrix, before which each module of the output
// weighs the input's features by itself (Jaszczur et al., "Sparse is Enough in Scaling
// Transformers", 2021, section 3.2, "multiplicative layer").
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "worker/models/layers/parameter_store.h"

namespace cusp::models {

struct FactoredLinearOptions {
  int64_t in = 0;
  int64_t out = 0;
  int64_t modules = 0;  // divides `out`
};

// Module n is W (x * g_n), and the output all modules and a bias. Registers PREFIX.gates
// [modules, in], PREFIX.weight [out / modules, in] and PREFIX.bias [out].
class FactoredLinear {
 public:
  FactoredLinear(ParameterStore& store, const std::string& prefix,
                 const FactoredLinearOptions& options);

  // x [B, n, in] gives [B, n, out].
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  at::Tensor gates_;
  at::Tensor weight_;
  at::Tensor bias_;
};

}  // namespace cusp::models
