// Gated linear attention (Yang et al., 2024): a recurrence whose state forgets by what it
// reads, feature by feature. The skeleton is BERT's.
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/gated_recurrence.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/query_key_value.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {
namespace {

constexpr double kDecayRoot = 16;  // alpha is the 16th root of a sigmoid

// q, k and v, and the decay that x asks for in two factors.
class GlaTerms {
 public:
  GlaTerms(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
           int64_t gate_rank)
      : qkv_(store, prefix, shape),
        alpha_(store, prefix + ".alpha", shape.hidden_size, shape.inner_size(),
               {.rank = gate_rank}) {}

  RecurrenceTerms operator()(const at::Tensor& x, int64_t /*before*/) const {
    const auto [q, k, v] = qkv_.InHeads(x);
    const at::Tensor alpha = alpha_(x);
    Enter(Component::kMixing);
    return {q, k, v, qkv_.Heads(ops::LogSigmoid(alpha).div(kDecayRoot))};
  }

 private:
  QueryKeyValue qkv_;
  Linear alpha_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildGla(const Config& config, const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "gla"));
  EncoderVariant variant;
  variant.make_attention = [shape = AttentionShapeOf(config, build), rank = config.Int("gate_rank"),
                            chunk = config.Int("chunk_size"), eps = config.Real("layer_norm_eps")](
                               ParameterStore& store, const std::string& prefix, int64_t) {
    const GlaTerms terms(store, prefix, shape, rank);
    return std::make_unique<GatedRecurrence>(terms, HeadGate(store, prefix, shape, eps), chunk);
  };
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
