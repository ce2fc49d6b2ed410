// Attention inside contiguous blocks (the local attention of Tay et al., "Long
// Range Arena", 2020). The skeleton is BERT's.
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/query_key_value.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {
namespace {

// Plain attention in which every block is a sample of its own.
class LocalAttention : public SelfAttention {
 public:
  LocalAttention(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                 AttentionBackend backend, int64_t block)
      : qkv_(store, prefix, shape), core_(backend, shape.dropout), block_(block) {}

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override {
    const auto [q, k, v] = qkv_(x);
    Enter(Component::kMixing);
    return core_(Blocks(q), Blocks(k), Blocks(v), BlockMask(mask)).view({x.size(0), x.size(1), -1});
  }

  std::string KernelUsed() const override { return core_.KernelUsed(); }

 private:
  // [B, n, h * d_h] as [B * n / block, h, block, d_h].
  at::Tensor Blocks(const at::Tensor& x) const {
    return qkv_.Heads(x.view({-1, block_, x.size(2)}));
  }

  // A block without a real token goes unmasked, since nobody reads it: scores beside the
  // mask's value would be rounded away, and their gradients be those of something else.
  at::Tensor BlockMask(const SequenceMask& mask) const {
    if (!mask.additive.defined()) {
      return mask.additive;
    }
    const at::Tensor empty = mask.keep.view({-1, block_}).any(1).logical_not();
    return mask.additive.view({-1, 1, 1, block_}).masked_fill(empty.view({-1, 1, 1, 1}), 0);
  }

  QueryKeyValue qkv_;
  AttentionCore core_;
  int64_t block_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildLocal(const Config& config, const BuildOptions& build) {
  const AttentionShape shape = AttentionShapeOf(config, build);
  CUSP_ASSIGN_OR_RETURN(const AttentionBackend backend, ChooseBackend(shape, build));
  EncoderVariant variant;
  variant.make_attention = [shape, backend, block = config.Int("block_size")](
                               ParameterStore& store, const std::string& prefix, int64_t) {
    return std::make_unique<LocalAttention>(store, prefix, shape, backend, block);
  };
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
