#include "worker/models/layers/sparse_feed_forward.h"

#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/ops_rows.h"

namespace cusp::models {

SparseFeedForward::SparseFeedForward(ParameterStore& store, const std::string& prefix,
                                     const SparseFeedForwardOptions& options)
    : options_(options),
      training_(store.options().training),
      generator_(store.generator()),
      controller_(store, prefix + ".controller", options.hidden_size, options.intermediate_size,
                  {.rank = options.rank}),
      up_(store.Normal(prefix + ".up.weight", {options.intermediate_size, options.hidden_size})),
      down_(
          store.Normal(prefix + ".down.weight", {options.intermediate_size, options.hidden_size})),
      bias_(store.Constant(prefix + ".down.bias", {options.hidden_size}, 0)) {}

bool SparseFeedForward::DrawHard() const {
  return training_ &&
         ops::Empty({1}, at::kDouble, at::kCPU).uniform_(0, 1, generator_).item<double>() <
             options_.hard_probability;
}

at::Tensor SparseFeedForward::operator()(const at::Tensor& x, bool hard) const {
  Enter(Component::kFeedForward);
  const at::Tensor scores = controller_(x).view({x.size(0) * x.size(1), -1, options_.block});
  const at::Tensor flat = x.reshape({scores.size(0), x.size(2)});
  return (training_ ? Weighted(flat, scores, hard) : Chosen(flat, scores)).view(x.sizes());
}

at::Tensor SparseFeedForward::Chosen(const at::Tensor& x, const at::Tensor& scores) const {
  const at::Tensor first = ops::Arange(scores.size(1), x.device()).mul_(options_.block);
  const at::Tensor rows = scores.argmax(-1).add_(first);
  return ops::SumRows(ops::RowProducts(x, up_, rows).relu_(), down_, rows).add_(bias_);
}

at::Tensor SparseFeedForward::Weighted(const at::Tensor& x, const at::Tensor& scores,
                                       bool hard) const {
  const at::Tensor soft = scores.softmax(-1);
  const at::Tensor weights = hard ? Hardened(soft, scores) : soft;
  const at::Tensor inner = ops::Linear(x, up_, {}).view(soft.sizes()).mul(weights).relu_();
  return ops::Linear(inner.flatten(1), down_.t(), bias_);
}

at::Tensor SparseFeedForward::Hardened(const at::Tensor& soft, const at::Tensor& scores) const {
  at::Tensor noisy = scores.detach();
  if (options_.temperature > 0) {
    // Gumbel noise: minus the logarithm of an exponential draw.
    noisy = noisy.sub(noisy.new_empty(noisy.sizes()).exponential_().log_(), options_.temperature);
  }
  const at::Tensor best = noisy.argmax(-1, /*keepdim=*/true);
  // The difference is 0, and has the softmax's gradient.
  return soft.sub(soft.detach())
      .scatter_add(-1, best,
                   ops::Full({1, 1, 1}, 1, soft.scalar_type(), soft.device()).expand(best.sizes()));
}

}  // namespace cusp::models
