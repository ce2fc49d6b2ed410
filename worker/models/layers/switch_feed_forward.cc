#include "worker/models/layers/switch_feed_forward.h"

#include "absl/strings/str_cat.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/expert_groups.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {

SwitchFeedForward::SwitchFeedForward(ParameterStore& store, const std::string& prefix,
                                     const SwitchFeedForwardOptions& options)
    : router_dtype_(store.options().dtype == at::kDouble ? at::kDouble : options.router_dtype),
      jitter_(options.jitter) {
  const double deviation = store.options().initializer_range;
  const std::string router = prefix + ".router.classifier";
  store.set_initializer_range(options.router_deviation);
  router_ = store.Normal(router + ".weight", {options.experts, options.expert.hidden_size});
  if (options.router_bias) {
    router_bias_ = store.Constant(router + ".bias", {options.experts}, 0);
  }
  store.set_initializer_range(deviation);
  for (int64_t i = 0; i < options.experts; ++i) {
    experts_.emplace_back(store, absl::StrCat(prefix, ".experts.expert_", i), options.expert);
  }
}

at::Tensor SwitchFeedForward::operator()(const at::Tensor& x) const {
  Enter(Component::kFeedForward);
  const at::Tensor rows = x.reshape({-1, x.size(-1)});
  const auto [p, expert] = Route(rows).max(-1, /*keepdim=*/true);
  const ExpertGroups groups(expert.view(-1), static_cast<int64_t>(experts_.size()));
  at::Tensor y = groups(rows, [&](int64_t i, const at::Tensor& mine) {
    return experts_[static_cast<size_t>(i)](mine);
  });
  y = ops::GradientsOn() ? y.mul(p) : y.mul_(p);
  return y.view(x.sizes());
}

at::Tensor SwitchFeedForward::Route(const at::Tensor& x) const {
  at::Tensor read = x.to(router_dtype_);
  if (jitter_ > 0) {
    read = read.mul(read.new_empty(read.sizes()).uniform_(1 - jitter_, 1 + jitter_));
  }
  const at::Tensor scores =
      ops::Linear(read, router_.to(router_dtype_),
                  router_bias_.defined() ? router_bias_.to(router_dtype_) : router_bias_);
  // Back in the model's type before experts are compared, as the reference does.
  return scores.softmax(-1).to(x.scalar_type());
}

}  // namespace cusp::models
