// Linformer (Wang et al., 2020): keys and values of all tokens projected to a
// few rows. The skeleton is BERT's.
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/query_key_value.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {
namespace {

class LinformerAttention : public SelfAttention {
 public:
  LinformerAttention(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                     int64_t positions, int64_t rows)
      : qkv_(store, prefix, shape),
        key_projection_(store.Normal(prefix + ".E", {positions, rows})),
        value_projection_(store.Normal(prefix + ".F", {positions, rows})),
        core_(AttentionBackend::kEager, shape.dropout) {}

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override {
    const auto [q, k, v] = qkv_(x);
    Enter(Component::kMixing);
    // All heads share the projection, so it is one product before they part.
    const at::Tensor k_rows = Project(key_projection_, k, mask.keep);
    const at::Tensor v_rows = Project(value_projection_, v, mask.keep);
    // Rows of the projection are no tokens, so no mask remains.
    return core_(qkv_.Heads(q), qkv_.Heads(k_rows), qkv_.Heads(v_rows), {});
  }

 private:
  // P^T (x * keep) with P cut to the length of x: [B, n, d] to [B, k, d].
  static at::Tensor Project(const at::Tensor& projection, const at::Tensor& x,
                            const at::Tensor& keep) {
    const int64_t length = x.size(1);
    const at::Tensor down = projection.narrow(0, 0, length).t();
    const at::Tensor kept = keep.defined() ? x.mul(keep.unsqueeze(-1)) : x;
    return down.expand({x.size(0), down.size(0), length}).bmm(kept);
  }

  QueryKeyValue qkv_;
  at::Tensor key_projection_;    // E [N, k]
  at::Tensor value_projection_;  // F [N, k]
  AttentionCore core_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildLinformer(const Config& config,
                                                      const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "linformer"));
  EncoderVariant variant;
  variant.make_attention = [shape = AttentionShapeOf(config, build),
                            positions = config.Int("max_position_embeddings"),
                            rows = config.Int("linformer_k")](ParameterStore& store,
                                                              const std::string& prefix, int64_t) {
    return std::make_unique<LinformerAttention>(store, prefix, shape, positions, rows);
  };
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
