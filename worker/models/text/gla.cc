// Gated linear attention (Yang et al., 2024): a recurrence whose state forgets by what it
// reads, feature by feature. The skeleton is BERT's.
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/head_gate.h"
#include "worker/models/layers/linear_recurrence.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/query_key_value.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {
namespace {

constexpr double kDecayRoot = 16;  // alpha is the 16th root of a sigmoid

struct GlaOptions {
  int64_t gate_rank = 0;
  int64_t chunk = 0;
  double layer_norm_eps = 0;
};

class GatedLinearAttention : public SelfAttention {
 public:
  GatedLinearAttention(ParameterStore& store, const std::string& prefix,
                       const AttentionShape& shape, const GlaOptions& options)
      : qkv_(store, prefix, shape),
        gate_(store, prefix, shape, options.layer_norm_eps),
        alpha_(store, prefix + ".alpha", shape.hidden_size, shape.inner_size(),
               {.rank = options.gate_rank}),
        chunk_(options.chunk) {}

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override {
    RecurrenceTerms terms = Terms(x);
    if (mask.keep.defined()) {
      terms.v = terms.v.mul(mask.keep.view({x.size(0), 1, x.size(1), 1}));
    }
    return gate_(LinearRecurrence(terms, chunk_), x);
  }

  std::unique_ptr<LayerState> NewState() const override {
    return std::make_unique<RecurrentState>();
  }

  at::Tensor Extend(const at::Tensor& x, LayerState& state) override {
    return gate_(ExtendRecurrence(Terms(x), chunk_, static_cast<RecurrentState&>(state)), x);
  }

 private:
  RecurrenceTerms Terms(const at::Tensor& x) const {
    const auto [q, k, v] = qkv_.InHeads(x);
    const at::Tensor alpha = alpha_(x);
    Enter(Component::kMixing);
    return {q, k, v, qkv_.Heads(ops::LogSigmoid(alpha).div(kDecayRoot))};
  }

  QueryKeyValue qkv_;
  HeadGate gate_;
  Linear alpha_;
  int64_t chunk_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildGla(const Config& config, const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "gla"));
  const GlaOptions options = {.gate_rank = config.Int("gate_rank"),
                              .chunk = config.Int("chunk_size"),
                              .layer_norm_eps = config.Real("layer_norm_eps")};
  EncoderVariant variant;
  variant.make_attention = [shape = AttentionShapeOf(config, build), options](
                               ParameterStore& store, const std::string& prefix, int64_t) {
    return std::make_unique<GatedLinearAttention>(store, prefix, shape, options);
  };
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
