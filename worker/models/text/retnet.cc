// The retentive network (Sun et al., 2023): a recurrence whose state forgets at one rate for
// each head, between queries and keys turned by their position. The skeleton is BERT's.
#include <memory>
#include <string>
#include <utility>

#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/gated_recurrence.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/query_key_value.h"
#include "worker/models/layers/rotary.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {
namespace {

constexpr double kTheta = 10000;

// ln gamma_h of gamma_h = 1 - 2^(-5 - h): [1, h, 1, 1]. In float32 at least, since less would
// round the slow heads to 1.
at::Tensor LogDecay(int64_t heads, const BuildOptions& build) {
  const at::Tensor forgotten = ops::Arange(heads, at::kCPU).to(at::kDouble).add(5).neg().exp2();
  return forgotten.neg()
      .log1p()
      .view({1, heads, 1, 1})
      .to(c10::TensorOptions()
              .dtype(build.dtype == at::kDouble ? at::kDouble : at::kFloat)
              .device(build.device));
}

// What no layer has for itself.
struct Retention {
  std::shared_ptr<Rotary> rotary;
  at::Tensor log_decay;
};

class RetentionTerms {
 public:
  RetentionTerms(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                 Retention shared)
      : qkv_(store, prefix, shape), shared_(std::move(shared)) {}

  RecurrenceTerms operator()(const at::Tensor& x, int64_t before) const {
    const auto [q, k, v] = qkv_(x);
    Enter(Component::kMixing);
    const RotaryTables tables = shared_.rotary->At(before, x.size(1));
    return {Turned(q, tables), Turned(k, tables), qkv_.Heads(v), shared_.log_decay};
  }

 private:
  at::Tensor Turned(const at::Tensor& x, const RotaryTables& tables) const {
    return Rotate(x.view({x.size(0), x.size(1), qkv_.heads(), -1}), tables).transpose(1, 2);
  }

  QueryKeyValue qkv_;
  Retention shared_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildRetnet(const Config& config,
                                                   const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "retnet"));
  const AttentionShape shape = AttentionShapeOf(config, build);
  const Retention shared = {
      std::make_shared<Rotary>(shape.head_size, kTheta, build.dtype, build.device),
      LogDecay(shape.heads, build)};
  EncoderVariant variant;
  variant.make_attention = [shape, shared, chunk = config.Int("chunk_size"),
                            eps = config.Real("layer_norm_eps")](
                               ParameterStore& store, const std::string& prefix, int64_t) {
    const RetentionTerms terms(store, prefix, shape, shared);
    return std::make_unique<GatedRecurrence>(terms, HeadGate(store, prefix, shape, eps), chunk);
  };
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
