// MemSizer (Zhang and Cai, 2022): a memory of a few slots that all heads share, read by
// softmax over the slots. The skeleton is BERT's.
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/linear_recurrence.h"
#include "worker/models/layers/ops.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {
namespace {

struct MemsizerOptions {
  int64_t slots = 0;
  int64_t chunk = 0;
  double layer_norm_eps = 0;
};

class MemsizerAttention : public SelfAttention {
 public:
  MemsizerAttention(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                    const MemsizerOptions& options)
      : heads_(shape.heads),
        options_(options),
        query_(store, prefix + ".query", shape.hidden_size, shape.heads * options.slots),
        key_(store, prefix + ".key", shape.hidden_size, options.slots),
        value_(store, prefix + ".value", shape.hidden_size, shape.inner_size()) {}

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override {
    RecurrenceTerms terms = Terms(x);
    if (mask.keep.defined()) {
      terms.k = terms.k.mul(mask.keep.view({x.size(0), 1, x.size(1), 1}));
    }
    if (mask.causal) {
      const at::Tensor sums = LinearRecurrence(terms, options_.chunk).squeeze(1);
      return sums.mul(Scale(mask.keep.defined() ? mask.keep.cumsum(1).unsqueeze(-1)
                                                : Counts(0, x.size(1), x.device()),
                            x));
    }
    const at::Tensor state = terms.k.squeeze(1).transpose(1, 2).bmm(terms.v.squeeze(1));
    return terms.q.squeeze(1).bmm(
        state.mul(Scale(mask.keep.defined() ? mask.keep.sum(1).view({-1, 1, 1})
                                            : Counts(x.size(1) - 1, 1, x.device()),
                        x)));
  }

  std::unique_ptr<LayerState> NewState() const override {
    return std::make_unique<RecurrentState>();
  }

  at::Tensor Extend(const at::Tensor& x, LayerState& state) override {
    auto& mine = static_cast<RecurrentState&>(state);
    const int64_t before = mine.length;
    const at::Tensor sums = ExtendRecurrence(Terms(x), options_.chunk, mine).squeeze(1);
    return sums.mul(Scale(Counts(before, x.size(1), x.device()), x));
  }

 private:
  // [1, n, 1]: tokens up to and with each of `count` that `before` others precede.
  static at::Tensor Counts(int64_t before, int64_t count, at::Device device) {
    return ops::Arange(count, device).add(before + 1).view({1, count, 1});
  }

  // counts^-1/2; where no token was real there is nothing to scale.
  static at::Tensor Scale(const at::Tensor& counts, const at::Tensor& like) {
    return counts.clamp_min(1).to(like.scalar_type()).rsqrt();
  }

  RecurrenceTerms Terms(const at::Tensor& x) const {
    Enter(Component::kProjection);
    const at::Tensor q = query_(x);
    const at::Tensor k = key_(x);
    const at::Tensor v = value_(x);
    Enter(Component::kMixing);
    const at::Tensor by_head = q.view({x.size(0), x.size(1), heads_, options_.slots});
    return {by_head.softmax(-1).mean(2).unsqueeze(1),
            Normed(k).unsqueeze(1),
            Normed(v).unsqueeze(1),
            {}};
  }

  at::Tensor Normed(const at::Tensor& x) const {
    return ops::LayerNorm(x, {}, {}, options_.layer_norm_eps);
  }

  int64_t heads_;
  MemsizerOptions options_;
  Linear query_;
  Linear key_;
  Linear value_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildMemsizer(const Config& config,
                                                     const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "memsizer"));
  const MemsizerOptions options = {.slots = config.Int("slots"),
                                   .chunk = config.Int("chunk_size"),
                                   .layer_norm_eps = config.Real("layer_norm_eps")};
  EncoderVariant variant;
  variant.make_attention = [shape = AttentionShapeOf(config, build), options](
                               ParameterStore& store, const std::string& prefix, int64_t) {
    return std::make_unique<MemsizerAttention>(store, prefix, shape, options);
  };
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
