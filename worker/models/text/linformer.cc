#include "worker/models/text/linformer.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/linear.h"

namespace cusp::models {
namespace {

class LinformerAttention : public SelfAttention {
 public:
  LinformerAttention(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                     int64_t positions, int64_t rows)
      : heads_(shape.heads),
        query_(store, prefix + ".query", shape.hidden_size, shape.hidden_size),
        key_(store, prefix + ".key", shape.hidden_size, shape.hidden_size),
        value_(store, prefix + ".value", shape.hidden_size, shape.hidden_size),
        key_projection_(store.Normal(prefix + ".E", {positions, rows})),
        value_projection_(store.Normal(prefix + ".F", {positions, rows})),
        core_(AttentionBackend::kEager, shape.dropout) {}

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override {
    // All heads share the projection, so it is one product before they part.
    const at::Tensor k = Project(key_projection_, key_(x), mask.keep);
    const at::Tensor v = Project(value_projection_, value_(x), mask.keep);
    // Rows of the projection are no tokens, so no mask remains.
    return core_(SplitHeads(query_(x), heads_), SplitHeads(k, heads_), SplitHeads(v, heads_), {});
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

  int64_t heads_;
  Linear query_;
  Linear key_;
  Linear value_;
  at::Tensor key_projection_;    // E [N, k]
  at::Tensor value_projection_;  // F [N, k]
  AttentionCore core_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildLinformer(ConfigReader& config,
                                                      const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "linformer"));
  LinformerOptions options;
  options.encoder = ReadEncoderOptions(config, {.pad_token_id = 0});
  options.linformer_k = config.Integer("linformer_k", options.linformer_k, 1);
  CUSP_RETURN_IF_ERROR(config.Finish());
  EncoderVariant variant;
  variant.max_length = options.encoder.max_position_embeddings;
  variant.length_reason = absl::StrCat("max_position_embeddings is ", variant.max_length);
  variant.make_attention = [shape = AttentionShapeOf(options.encoder, build),
                            positions = options.encoder.max_position_embeddings,
                            rows = options.linformer_k](ParameterStore& store,
                                                        const std::string& prefix, int64_t) {
    return std::make_unique<LinformerAttention>(store, prefix, shape, positions, rows);
  };
  return EncoderModel::Create(options.encoder, variant, build);
}

}  // namespace cusp::models
