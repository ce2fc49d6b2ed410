#include "worker/models/text/longformer.h"

#include <cmath>
#include <numeric>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sliding_window.h"

namespace cusp::models {
namespace {

// Global tokens of a batch, brought together: rows have different numbers of
// them, so shorter rows are filled up with tokens that `valid` marks false.
struct GlobalTokens {
  at::Tensor positions;  // [B, G] int64
  at::Tensor valid;      // [B, G] bool
};

GlobalTokens FindGlobalTokens(const at::Tensor& global) {
  const int64_t most = global.sum(1).max().item<int64_t>();
  // A stable sort puts the marked tokens first and keeps their order.
  const at::Tensor order = global.to(at::kInt).argsort(/*stable=*/true, 1, /*descending=*/true);
  GlobalTokens tokens;
  tokens.positions = order.narrow(1, 0, most);
  tokens.valid = global.gather(1, tokens.positions);
  return tokens;
}

class LongformerAttention : public SelfAttention {
 public:
  LongformerAttention(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                      int64_t window)
      : shape_(shape),
        query_(store, prefix + ".query", shape.hidden_size, shape.hidden_size),
        key_(store, prefix + ".key", shape.hidden_size, shape.hidden_size),
        value_(store, prefix + ".value", shape.hidden_size, shape.hidden_size),
        query_global_(store, prefix + ".query_global", shape.hidden_size, shape.hidden_size),
        key_global_(store, prefix + ".key_global", shape.hidden_size, shape.hidden_size),
        value_global_(store, prefix + ".value_global", shape.hidden_size, shape.hidden_size),
        window_(window / 2),
        full_(AttentionBackend::kEager, shape.dropout) {}

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override {
    const at::Tensor q = SplitHeads(query_(x), shape_.heads);
    const at::Tensor k = SplitHeads(key_(x), shape_.heads);
    const at::Tensor v = SplitHeads(value_(x), shape_.heads);
    if (!mask.global.defined()) {
      const at::Tensor weights = Weights(window_.Scores(q, k, mask.keep));
      return MergeHeads(window_.Mix(weights, v));
    }
    const GlobalTokens tokens = FindGlobalTokens(mask.global);
    const at::Tensor local = LocalOutput(q, k, v, mask, tokens);
    return ReplaceGlobal(x, local, mask, tokens);
  }

 private:
  at::Tensor Weights(const at::Tensor& scores) const {
    const at::Tensor weights = scores.softmax(-1);
    return shape_.dropout > 0 ? ops::Dropout(weights, shape_.dropout) : weights;
  }

  // Each token attends to its window and, with the same projections, to the
  // global tokens, which the window then leaves out.
  at::Tensor LocalOutput(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                         const SequenceMask& mask, const GlobalTokens& tokens) {
    at::Tensor window_keys = mask.global.logical_not();
    if (mask.keep.defined()) {
      window_keys = window_keys.logical_and(mask.keep);
    }
    const int64_t global = tokens.positions.size(1);
    const at::Tensor index = tokens.positions.view({q.size(0), 1, global, 1})
                                 .expand({q.size(0), q.size(1), global, q.size(3)});
    const at::Tensor invalid = tokens.valid.logical_not().view({q.size(0), 1, 1, global});
    const at::Tensor to_global = q.matmul(k.gather(2, index).transpose(2, 3))
                                     .mul_(1 / std::sqrt(static_cast<double>(q.size(3))))
                                     .masked_fill_(invalid, MaskValue(q.scalar_type()));
    const at::Tensor to_window = window_.Scores(q, k, window_keys);
    const at::Tensor weights = Weights(ops::Cat({to_global, to_window}, -1));
    return MergeHeads(window_.Mix(weights.narrow(-1, global, to_window.size(-1)), v)
                          .add_(weights.narrow(-1, 0, global).matmul(v.gather(2, index))));
  }

  // Global tokens attend to every real token, with projections of their own.
  at::Tensor ReplaceGlobal(const at::Tensor& x, const at::Tensor& local, const SequenceMask& mask,
                           const GlobalTokens& tokens) {
    const at::Tensor index = tokens.positions.unsqueeze(-1).expand({-1, -1, x.size(2)});
    const at::Tensor q = SplitHeads(query_global_(x.gather(1, index)), shape_.heads);
    const at::Tensor k = SplitHeads(key_global_(x), shape_.heads);
    const at::Tensor v = SplitHeads(value_global_(x), shape_.heads);
    const at::Tensor attended = full_(q, k, v, mask.additive);
    const at::Tensor chosen =
        ops::Where(tokens.valid.unsqueeze(-1), attended, local.gather(1, index));
    return local.scatter(1, index, chosen);
  }

  AttentionShape shape_;
  Linear query_;
  Linear key_;
  Linear value_;
  Linear query_global_;
  Linear key_global_;
  Linear value_global_;
  SlidingWindow window_;
  AttentionCore full_;
};

LongformerOptions ReadOptions(ConfigReader& config) {
  LongformerOptions options;
  options.encoder =
      ReadEncoderOptions(config, {.pad_token_id = 1, .positions = Positions::kAfterPadding});
  if (!options.encoder.pad_token_id.has_value()) {
    config.Fail("pad_token_id", "null, but positions are counted from it; expected an integer");
  }
  options.attention_window =
      config.Integers("attention_window", 512, options.encoder.num_hidden_layers, 2, 1 << 20);
  for (const int64_t window : options.attention_window) {
    if (window % 2 != 0) {
      config.Fail("attention_window", absl::StrCat(window,
                                                   " is odd; half of it lies to either "
                                                   "side, so it must be even"));
    }
  }
  // These mean what they say in the original code alone; transformers ignores them.
  config.Require("attention_mode", "longformer", "the sliding window is not dilated");
  config.Require("ignore_attention_mask", false, "masks are always heeded");
  return options;
}

// Inputs are padded so that every layer's blocks fit.
int64_t QuantumOf(const std::vector<int64_t>& windows, ConfigReader& config) {
  constexpr int64_t kMost = 1 << 20;
  int64_t quantum = 1;
  for (const int64_t window : windows) {
    quantum = std::lcm(quantum, window);
    if (quantum > kMost) {
      config.Fail("attention_window",
                  "the windows have no common multiple up to 1048576, to "
                  "which inputs are padded");
      return 1;
    }
  }
  return quantum;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildLongformer(ConfigReader& config,
                                                       const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "longformer"));
  const LongformerOptions options = ReadOptions(config);
  EncoderVariant variant;
  variant.quantum = QuantumOf(options.attention_window, config);
  // Position 0 to pad_token_id are never given to a real token.
  variant.max_length =
      options.encoder.max_position_embeddings - options.encoder.pad_token_id.value_or(0) - 1;
  if (variant.max_length < 1) {
    config.Fail("max_position_embeddings", "leaves no position after pad_token_id");
  }
  CUSP_RETURN_IF_ERROR(config.Finish());
  variant.length_reason =
      absl::StrCat("max_position_embeddings is ", options.encoder.max_position_embeddings,
                   " and positions start after pad_token_id");
  variant.takes_global_mask = true;
  variant.make_attention = [shape = AttentionShapeOf(options.encoder, build),
                            windows = options.attention_window](
                               ParameterStore& store, const std::string& prefix, int64_t layer) {
    return std::make_unique<LongformerAttention>(store, prefix, shape,
                                                 windows[static_cast<size_t>(layer)]);
  };
  return EncoderModel::Create(options.encoder, variant, build);
}

}  // namespace cusp::models
