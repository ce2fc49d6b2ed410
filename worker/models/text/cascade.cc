// The Cascade Transformer (Soldaini and Moschitti, 2020): RoBERTa over a batch of
// candidates, of which rankers between the layers drop the worst.
#include "catalog/text/cascade.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/models/builders.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/layer_runner.h"
#include "worker/models/layers/ops.h"
#include "worker/models/text/plain_encoder.h"

namespace cusp::models {
namespace {

// Scores a candidate by its first token. Choosing has no gradient, and the loss that
// trains a ranker is no part of a step here: so its tensors are buffers.
struct Ranker {
  Ranker(ParameterStore& store, const std::string& prefix, int64_t hidden_size)
      : weight(store.Buffer(prefix + ".weight",
                            ops::Empty({1, hidden_size}, at::kFloat, at::kCPU)
                                .normal_(0, store.options().initializer_range, store.generator()))),
        bias(store.Buffer(prefix + ".bias", ops::Full({1}, 0, at::kFloat, at::kCPU))) {}

  // x [C, n, d] gives [C].
  at::Tensor operator()(const at::Tensor& x) const {
    return ops::Linear(x.select(1, 0), weight, bias).squeeze(1);
  }

  at::Tensor weight;
  at::Tensor bias;
};

// Candidates that are still in the race, and where those that left it ended.
class Race {
 public:
  explicit Race(const at::Tensor& x)
      : candidates_(ops::Arange(x.size(0), x.device())), output_(x.new_empty(x.sizes())) {}

  // Takes the `dropped` lowest of `scores` out of x and `mask`.
  void Drop(const at::Tensor& scores, int64_t dropped, at::Tensor& x, SequenceMask& mask) {
    const at::Tensor order = scores.argsort(/*stable=*/true, 0, /*descending=*/true);
    const at::Tensor kept = order.narrow(0, 0, x.size(0) - dropped);
    const at::Tensor gone = order.narrow(0, x.size(0) - dropped, dropped);
    output_.index_copy_(0, candidates_.index_select(0, gone), x.index_select(0, gone));
    candidates_ = candidates_.index_select(0, kept);
    x = x.index_select(0, kept);
    mask.batch_size = x.size(0);
    if (mask.keep.defined()) {
      mask.keep = mask.keep.index_select(0, kept);
      mask.additive = mask.additive.index_select(0, kept);
    }
  }

  // All candidates in the order in which they came.
  at::Tensor Finish(const at::Tensor& x) { return output_.index_copy_(0, candidates_, x); }

 private:
  at::Tensor candidates_;  // [C]: rows of the batch
  at::Tensor output_;
};

class CascadeModel : public TokenModel {
 public:
  CascadeModel(const Config& config, const EncoderVariant& variant, const BuildOptions& build)
      : TokenModel(config, build, {.token_types = true}),
        drop_fraction_(config.Real("drop_fraction")),
        exits_(config.Ints("exit_layers")),
        embeddings_(store(), EmbeddingOptionsOf(config, variant, build)),
        run_(store()) {
    const EncoderLayerOptions options = EncoderLayerOptionsOf(config, variant, build);
    for (int64_t i = 0; i < config.Int("num_hidden_layers"); ++i) {
      const std::string prefix = absl::StrCat("encoder.layer.", i);
      store().ShareLayer(prefix, "encoder.layer.0");
      std::unique_ptr<SelfAttention> attention =
          variant.make_attention(store(), prefix + ".attention.self", i);
      layers_.emplace_back(store(), prefix, options, std::move(attention));
    }
    for (size_t i = 0; i < exits_.size(); ++i) {
      rankers_.emplace_back(store(), absl::StrCat("rankers.", i), config.Int("hidden_size"));
    }
  }

  // Of a dropped candidate: what the layer before its ranker gave.
  at::Tensor Forward(const Inputs& inputs) override {
    Enter(Component::kEmbedding);
    const at::Tensor ids = inputs.at("input_ids");
    SequenceMask mask =
        MakeSequenceMask(ids, FindInput(inputs, "attention_mask"), 0, build().dtype);
    at::Tensor x = embeddings_(ids, FindInput(inputs, "token_type_ids"));
    std::optional<Race> race;
    size_t exit = 0;
    for (size_t i = 0; i < layers_.size(); ++i) {
      x = run_(x, [this, i, mask](const at::Tensor& y) { return layers_[i](y, mask); });
      if (exit == exits_.size() || exits_[exit] != static_cast<int64_t>(i) + 1) {
        continue;
      }
      const Ranker& ranker = rankers_[exit++];
      // Training takes whole lists: a ranker learns from the worst candidates too.
      const int64_t dropped =
          build().training ? 0 : catalog::CandidatesDropped(x.size(0), drop_fraction_);
      if (dropped > 0) {
        Enter(Component::kOther);
        if (!race.has_value()) {
          race.emplace(x);
        }
        race->Drop(ranker(x), dropped, x, mask);
      }
    }
    if (!race.has_value()) {
      return x;
    }
    Enter(Component::kOther);
    return race->Finish(x);
  }

  std::string AttentionUsed() const override { return layers_.front().attention().KernelUsed(); }

 private:
  double drop_fraction_;
  std::vector<int64_t> exits_;
  Embeddings embeddings_;
  std::vector<EncoderLayer> layers_;
  std::vector<Ranker> rankers_;
  LayerRunner run_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildCascade(const Config& config,
                                                    const BuildOptions& build) {
  CUSP_ASSIGN_OR_RETURN(EncoderVariant variant,
                        PlainEncoder(AttentionShapeOf(config, build), build));
  variant.positions = Positions::kAfterPadding;
  return std::make_unique<CascadeModel>(config, variant, build);
}

}  // namespace cusp::models
