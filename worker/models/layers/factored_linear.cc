#include "worker/models/layers/factored_linear.h"

#include "catalog/sequence/scaling_transformer.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

// So that signals keep their size, whatever the matrices' deviation (the reference's choice).
constexpr double kGateDeviation = 0.5;

}  // namespace

FactoredLinear::FactoredLinear(ParameterStore& store, const std::string& prefix,
                               const FactoredLinearOptions& options)
    : gates_(store.Of(prefix + ".gates",
                      ops::Empty({options.modules, options.in}, at::kFloat, at::kCPU)
                          .normal_(0, kGateDeviation, store.generator()))),
      weight_(store.Normal(prefix + ".weight", {options.out / options.modules, options.in})),
      bias_(store.Constant(prefix + ".bias", {options.out}, 0)) {}

at::Tensor FactoredLinear::operator()(const at::Tensor& x) const {
  const int64_t modules = gates_.size(0);
  const int64_t width = weight_.size(0);
  if (catalog::WritesMatrixOut(x.size(0) * x.size(1), width)) {
    const at::Tensor matrix = weight_.mul(gates_.unsqueeze(1)).view({modules * width, x.size(2)});
    return ops::Linear(x, matrix, bias_);
  }
  const at::Tensor weighed = x.unsqueeze(2).mul(gates_);
  return ops::Linear(weighed, weight_, {}).view({x.size(0), x.size(1), -1}).add_(bias_);
}

}  // namespace cusp::models
