#include "worker/models/layers/block.h"

#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

// Nothing of some samples of x [B, n, d], and so much more of the others.
at::Tensor DropPath(const at::Tensor& x, double p) {
  if (p == 0) {
    return x;
  }
  return x.mul(ops::Dropout(ops::Full({x.size(0), 1, 1}, 1, x.scalar_type(), x.device()), p));
}

}  // namespace

Block::Block(ParameterStore& store, const std::string& prefix, const BlockOptions& options)
    : place_(options.norm),
      activation_(options.activation),
      dropout_(options.dropout),
      activation_dropout_(options.activation_dropout),
      attention_drop_path_(options.attention_drop_path),
      feed_forward_drop_path_(options.feed_forward_drop_path),
      attention_norm_(store, prefix + "." + options.names.attention_norm, options.hidden_size,
                      options.layer_norm_eps),
      attention_output_(store, prefix + "." + options.names.attention_output,
                        options.attention_size, options.hidden_size),
      feed_forward_norm_(store, prefix + "." + options.names.feed_forward_norm, options.hidden_size,
                         options.layer_norm_eps),
      feed_forward_in_(store, prefix + "." + options.names.feed_forward_in, options.hidden_size,
                       options.intermediate_size),
      feed_forward_out_(store, prefix + "." + options.names.feed_forward_out,
                        options.intermediate_size, options.hidden_size) {}

at::Tensor Block::operator()(const at::Tensor& x,
                             const std::function<at::Tensor(const at::Tensor&)>& attend) const {
  const at::Tensor attended = attend(NormBefore(x, attention_norm_));
  Enter(Component::kProjection);
  const at::Tensor middle =
      AddBranch(attention_output_(attended), x, attention_norm_, attention_drop_path_);
  return AddBranch(FeedForward(NormBefore(middle, feed_forward_norm_)), middle, feed_forward_norm_,
                   feed_forward_drop_path_);
}

at::Tensor Block::FeedForward(const at::Tensor& x) const {
  Enter(Component::kFeedForward);
  at::Tensor inner = Activate(activation_, feed_forward_in_(x));
  if (activation_dropout_ > 0) {
    inner = ops::Dropout(inner, activation_dropout_);
  }
  return feed_forward_out_(inner);
}

at::Tensor Block::NormBefore(const at::Tensor& x, const LayerNorm& norm) const {
  if (place_ != NormPlace::kBefore) {
    return x;
  }
  Enter(Component::kNorm);
  return norm(x);
}

at::Tensor Block::AddBranch(at::Tensor branch, const at::Tensor& x, const LayerNorm& norm,
                            double drop_path) const {
  if (dropout_ > 0) {
    branch = ops::Dropout(branch, dropout_);
  }
  Enter(Component::kNorm);
  // In place: no gradient needs the branch, nor a norm its own output.
  switch (place_) {
    case NormPlace::kAfter:
      return norm(DropPath(branch, drop_path).add_(x));
    case NormPlace::kBefore:
      return DropPath(branch, drop_path).add_(x);
    case NormPlace::kOnBranch:
      break;
  }
  return DropPath(norm(branch), drop_path).add_(x);
}

}  // namespace cusp::models
