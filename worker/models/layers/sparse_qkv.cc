#include "worker/models/layers/sparse_qkv.h"

#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/ops_conv.h"

namespace cusp::models {

SparseQkv::Convolution::Convolution(ParameterStore& store, const std::string& prefix, int64_t width,
                                    int64_t reach)
    : weight(store.Normal(prefix + ".weight", {width, width, kBefore + 1, reach})),
      bias(store.Constant(prefix + ".bias", {width}, 0)) {}

at::Tensor SparseQkv::Convolution::operator()(const at::Tensor& image) const {
  const at::Tensor y = ops::PaddedConv2d(image, weight, bias, {0, weight.size(3) / 2});
  return y.permute({0, 2, 3, 1}).reshape({y.size(0), y.size(2), -1});
}

SparseQkv::SparseQkv(ParameterStore& store, const std::string& prefix,
                     const SparseQkvOptions& options)
    : heads_(options.heads),
      modules_(options.modules),
      multiplicative_(
          store, prefix + ".multiplicative",
          {.in = options.hidden_size, .out = options.hidden_size, .modules = options.modules}),
      query_(store, prefix + ".query", options.hidden_size / options.modules, 3),
      key_(store, prefix + ".key", options.hidden_size / options.modules, 3),
      value_(store, prefix + ".value", options.hidden_size / options.modules, 1) {}

Projections SparseQkv::operator()(const at::Tensor& x, const at::Tensor& keep,
                                  at::Tensor* before) const {
  Enter(Component::kProjection);
  at::Tensor y = multiplicative_(x);
  if (keep.defined()) {
    y = y.mul(keep.unsqueeze(-1));
  }
  const bool continues = before != nullptr && before->defined();
  const at::Tensor padded =
      continues ? ops::Cat({*before, y}, 1) : ops::Pad(y, {0, 0, kBefore, 0}, 0);
  if (before != nullptr) {
    *before = padded.narrow(1, x.size(1), kBefore).clone();
  }
  // Features of a module stand side by side, as a convolution likes its channels.
  const at::Tensor image =
      padded.view({x.size(0), padded.size(1), modules_, -1}).permute({0, 3, 1, 2});
  const auto heads = [&](const Convolution& convolution) {
    return SplitHeads(convolution(image), heads_);
  };
  return {heads(query_), heads(key_), heads(value_)};
}

}  // namespace cusp::models
