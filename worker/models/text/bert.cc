#include "worker/models/text/bert.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/models/layers/linear.h"

namespace cusp::models {
namespace {

class BertAttention : public SelfAttention {
 public:
  BertAttention(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                AttentionBackend backend)
      : heads_(shape.heads),
        query_(store, prefix + ".query", shape.hidden_size, shape.hidden_size),
        key_(store, prefix + ".key", shape.hidden_size, shape.hidden_size),
        value_(store, prefix + ".value", shape.hidden_size, shape.hidden_size),
        core_(backend, shape.dropout) {}

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override {
    return core_(SplitHeads(query_(x), heads_), SplitHeads(key_(x), heads_),
                 SplitHeads(value_(x), heads_), mask.additive);
  }

  std::string KernelUsed() const override { return core_.KernelUsed(); }

 private:
  int64_t heads_;
  Linear query_;
  Linear key_;
  Linear value_;
  AttentionCore core_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildBert(ConfigReader& config, const BuildOptions& build) {
  BertOptions options;
  CUSP_ASSIGN_OR_RETURN(options.attention, AttentionBackendByName(build.attention));
  options.encoder = ReadEncoderOptions(config, {.pad_token_id = 0});
  CUSP_RETURN_IF_ERROR(config.Finish());
  const AttentionShape shape = AttentionShapeOf(options.encoder, build);
  CUSP_RETURN_IF_ERROR(CheckAttentionBackend(options.attention, shape.heads, shape.head_size(),
                                             build.dtype, build.device, build.training));
  EncoderVariant variant;
  variant.max_length = options.encoder.max_position_embeddings;
  variant.length_reason = absl::StrCat("max_position_embeddings is ", variant.max_length);
  variant.make_attention = [shape, backend = options.attention](
                               ParameterStore& store, const std::string& prefix, int64_t) {
    return std::make_unique<BertAttention>(store, prefix, shape, backend);
  };
  return EncoderModel::Create(options.encoder, variant, build);
}

}  // namespace cusp::models
