// BigBird (Zaheer et al., 2020): neighbours, the first and the last block, and random
// ones. The skeleton is BERT's.
#include <cmath>
#include <optional>

#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/block_sparse.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/query_key_value.h"
#include "worker/models/text/encoder_model.h"
#include "worker/models/text/plain_encoder.h"

namespace cusp::models {
namespace {

// Plain attention where the input is too short for the pattern.
class BigBirdAttention : public SelfAttention {
 public:
  BigBirdAttention(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                   const BlockSparseOptions& options)
      : qkv_(store, prefix, shape),
        longest_full_(options.longest_full()),
        full_(options.backend, options.dropout),
        sparse_(options) {}

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override {
    const auto [q, k, v] = qkv_(x);
    Enter(Component::kMixing);
    was_sparse_ = x.size(1) > longest_full_;
    return was_sparse_ ? sparse_(q, k, v, mask.additive)
                       : full_(qkv_.Heads(q), qkv_.Heads(k), qkv_.Heads(v), mask.additive);
  }

  std::string KernelUsed() const override {
    return was_sparse_ ? sparse_.KernelUsed() : full_.KernelUsed();
  }

 private:
  QueryKeyValue qkv_;
  int64_t longest_full_;
  AttentionCore full_;
  BlockSparse sparse_;
  bool was_sparse_ = false;
};

BlockSparseOptions SparseOptions(const Config& config, const BuildOptions& build,
                                 const AttentionShape& shape, AttentionBackend backend) {
  BlockSparseOptions options = {.heads = shape.heads,
                                .block = config.Int("block_size"),
                                .random = config.Int("num_random_blocks"),
                                .dropout = shape.dropout,
                                .backend = backend};
  // Outside training the reference takes the first block for every random one.
  if (build.profiling) {
    options.seed = build.seed;
  }
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildBigBird(const Config& config,
                                                    const BuildOptions& build) {
  AttentionShape shape = AttentionShapeOf(config, build);
  shape.linear.bias = config.Flag("use_bias");
  CUSP_ASSIGN_OR_RETURN(EncoderVariant variant, PlainEncoder(shape, build));
  if (config.Text("attention_type") == "block_sparse") {
    CUSP_ASSIGN_OR_RETURN(const AttentionBackend backend, ChooseBackend(shape, build));
    const BlockSparseOptions options = SparseOptions(config, build, shape, backend);
    variant.longest_unpadded = options.longest_full();
    variant.make_attention = [shape, options](ParameterStore& store, const std::string& prefix,
                                              int64_t layer) {
      BlockSparseOptions own = options;
      if (own.seed.has_value()) {
        *own.seed += static_cast<uint64_t>(layer);
      }
      return std::make_unique<BigBirdAttention>(store, prefix, shape, own);
    };
  }
  if (config.Flag("rescale_embeddings")) {
    variant.word_scale = std::sqrt(config.Real("hidden_size"));
  }
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
