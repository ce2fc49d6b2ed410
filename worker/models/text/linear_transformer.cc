// The linear Transformer (Katharopoulos et al., 2020): weights phi(q) . phi(k) with
// phi = elu + 1. Causal it is a recurrence. The skeleton is BERT's.
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/kernel_attention.h"
#include "worker/models/layers/linear_recurrence.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/query_key_value.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {
namespace {

constexpr double kEpsilon = 1e-6;  // added to the sum of weights

class LinearAttention : public SelfAttention {
 public:
  LinearAttention(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                  int64_t chunk)
      : qkv_(store, prefix, shape), chunk_(chunk) {}

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override {
    const auto [q, k, v] = qkv_.InHeads(x);
    Enter(Component::kMixing);
    if (!mask.causal) {
      return MergeHeads(KernelAttention(Features(q), Features(k), v, mask.keep, kEpsilon));
    }
    const at::Tensor sums =
        LinearRecurrence({Features(q), Features(k), WithWeightColumn(v, mask.keep), {}}, chunk_);
    return MergeHeads(OverWeights(sums, kEpsilon));
  }

  std::unique_ptr<LayerState> NewState() const override {
    return std::make_unique<RecurrentState>();
  }

  at::Tensor Extend(const at::Tensor& x, LayerState& state) override {
    const auto [q, k, v] = qkv_.InHeads(x);
    Enter(Component::kMixing);
    const at::Tensor sums =
        ExtendRecurrence({Features(q), Features(k), WithWeightColumn(v, {}), {}}, chunk_,
                         static_cast<RecurrentState&>(state));
    return MergeHeads(OverWeights(sums, kEpsilon));
  }

 private:
  static at::Tensor Features(const at::Tensor& x) { return ops::Elu(x).add_(1); }

  QueryKeyValue qkv_;
  int64_t chunk_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildLinearTransformer(const Config& config,
                                                              const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "linear_transformer"));
  EncoderVariant variant;
  variant.make_attention = [shape = AttentionShapeOf(config, build),
                            chunk = config.Int("chunk_size")](ParameterStore& store,
                                                              const std::string& prefix, int64_t) {
    return std::make_unique<LinearAttention>(store, prefix, shape, chunk);
  };
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
