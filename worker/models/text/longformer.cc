// Longformer (Beltagy, Peters and Cohan, 2020): a sliding window, and tokens
// that attend to all and are attended to by all.
#include <cmath>

#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/query_key_value.h"
#include "worker/models/layers/sliding_window.h"
#include "worker/models/text/encoder_model.h"

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
        qkv_(store, prefix, shape),
        query_global_(store, prefix + ".query_global", shape.hidden_size, shape.inner_size()),
        key_global_(store, prefix + ".key_global", shape.hidden_size, shape.inner_size()),
        value_global_(store, prefix + ".value_global", shape.hidden_size, shape.inner_size()),
        window_(window / 2),
        full_(AttentionBackend::kEager, shape.dropout) {}

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override {
    const auto [q, k, v] = qkv_.InHeads(x);
    Enter(Component::kMixing);
    if (!mask.global.defined()) {
      return window_(q, k, v, mask.keep, shape_.dropout);
    }
    const GlobalTokens tokens = FindGlobalTokens(mask.global);
    const at::Tensor local = LocalOutput(q, k, v, mask, tokens);
    return ReplaceGlobal(x, local, mask, tokens);
  }

 private:
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
    const at::Tensor weights = SoftmaxWeights(ops::Cat({to_global, to_window}, -1), shape_.dropout);
    return MergeHeads(window_.Mix(weights.narrow(-1, global, to_window.size(-1)), v)
                          .add_(weights.narrow(-1, 0, global).matmul(v.gather(2, index))));
  }

  // Global tokens attend to every real token, with projections of their own.
  at::Tensor ReplaceGlobal(const at::Tensor& x, const at::Tensor& local, const SequenceMask& mask,
                           const GlobalTokens& tokens) {
    const auto index_of = [&](const at::Tensor& rows) {
      return tokens.positions.unsqueeze(-1).expand({-1, -1, rows.size(2)});
    };
    const at::Tensor q = SplitHeads(query_global_(x.gather(1, index_of(x))), shape_.heads);
    const at::Tensor k = SplitHeads(key_global_(x), shape_.heads);
    const at::Tensor v = SplitHeads(value_global_(x), shape_.heads);
    const at::Tensor attended = full_(q, k, v, mask.additive);
    const at::Tensor index = index_of(local);
    const at::Tensor chosen =
        ops::Where(tokens.valid.unsqueeze(-1), attended, local.gather(1, index));
    return local.scatter(1, index, chosen);
  }

  AttentionShape shape_;
  QueryKeyValue qkv_;
  Linear query_global_;
  Linear key_global_;
  Linear value_global_;
  SlidingWindow window_;
  AttentionCore full_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildLongformer(const Config& config,
                                                       const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "longformer"));
  EncoderVariant variant;
  variant.positions = Positions::kAfterPadding;
  variant.takes_global_mask = true;
  variant.make_attention = [shape = AttentionShapeOf(config, build),
                            windows = config.Ints("attention_window")](
                               ParameterStore& store, const std::string& prefix, int64_t layer) {
    return std::make_unique<LongformerAttention>(store, prefix, shape,
                                                 windows[static_cast<size_t>(layer)]);
  };
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
