// The Universal Transformer (Dehghani et al., 2019), its encoder: one of BERT's layers again
// and again, told each time where a token stands and which step it is.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/layer_runner.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/plain_attention.h"
#include "worker/models/layers/sinusoids.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {
namespace {

// Positions and steps have the same waves and count from 1 (eq. 6 and 7 there).
at::Tensor Waves(int64_t count, int64_t features, const BuildOptions& build) {
  return SinusoidRows(1, count, features,
                      c10::TensorOptions().dtype(build.dtype).device(build.device));
}

struct UniversalOptions {
  int64_t steps = 0;
  std::optional<double> act_threshold;  // unset: every token takes every step
};

class UniversalModel : public TokenModel {
 public:
  UniversalModel(const Config& config, const BuildOptions& build, AttentionBackend backend,
                 const UniversalOptions& options)
      : TokenModel(config, build, {.token_types = true}),
        options_(options),
        embeddings_(store(), EmbeddingOptionsOf(config, {}, build)),
        layer_(MakeLayer(store(), config, build, backend)),
        positions_(Waves(config.Int("max_position_embeddings"), config.Int("hidden_size"), build)),
        steps_(Waves(options.steps, config.Int("hidden_size"), build)),
        run_(store()) {
    if (options_.act_threshold.has_value()) {
      halting_.emplace(store(), "encoder.halting", config.Int("hidden_size"), 1);
    }
  }

  at::Tensor Forward(const Inputs& inputs) override {
    Enter(Component::kEmbedding);
    const at::Tensor ids = inputs.at("input_ids");
    const SequenceMask mask =
        MakeSequenceMask(ids, FindInput(inputs, "attention_mask"), 0, build().dtype);
    at::Tensor x = embeddings_(ids, FindInput(inputs, "token_type_ids"));
    if (halting_.has_value()) {
      return UntilHalted(x, mask);
    }
    for (int64_t step = 0; step < options_.steps; ++step) {
      x = run_(x, [this, step, mask](const at::Tensor& y) { return layer_(Timed(y, step), mask); });
    }
    return x;
  }

  std::string AttentionUsed() const override { return layer_.attention().KernelUsed(); }

 private:
  static EncoderLayer MakeLayer(ParameterStore& store, const Config& config,
                                const BuildOptions& build, AttentionBackend backend) {
    const std::string prefix = "encoder.layer.0";
    auto attention = std::make_unique<PlainAttention>(store, prefix + ".attention.self",
                                                      AttentionShapeOf(config, build), backend);
    return EncoderLayer(store, prefix, EncoderLayerOptionsOf(config, {}, build),
                        std::move(attention));
  }

  at::Tensor Timed(const at::Tensor& x, int64_t step) const {
    Enter(Component::kEmbedding);
    return x.add(positions_.narrow(0, 0, x.size(1)).add(steps_.select(0, step)));
  }

  // Adaptive computation time (Graves, 2016), token by token: the mean of a token's states,
  // weighted by its halting probabilities, of which the last is what is left to 1.
  at::Tensor UntilHalted(at::Tensor x, const SequenceMask& mask) {
    at::Tensor running =
        mask.keep.defined()
            ? mask.keep.unsqueeze(-1)
            : ops::Full({1, 1, 1}, 1, at::kBool, x.device()).expand({x.size(0), x.size(1), 1});
    at::Tensor halted = x.new_zeros({x.size(0), x.size(1), 1});
    at::Tensor output = x.new_zeros(x.sizes());
    for (int64_t step = 0; step < options_.steps; ++step) {
      x = Timed(x, step);
      Enter(Component::kOther);
      const at::Tensor p = (*halting_)(x).sigmoid();
      at::Tensor last = running;
      if (step + 1 < options_.steps) {
        last = halted.add(p).gt(*options_.act_threshold).logical_and(running);
      }
      const at::Tensor weight = ops::Where(last, halted.neg().add(1), p).mul(running);
      halted = halted.add(weight);
      x = run_(x, [this, mask](const at::Tensor& y) { return layer_(y, mask); });
      Enter(Component::kOther);
      output = output.add(x.mul(weight));
      running = running.logical_and(last.logical_not());
      // How many steps there are depends on the input: the device has to answer.
      if (step + 1 < options_.steps && !running.any().item<bool>()) {
        break;
      }
    }
    return output;
  }

  UniversalOptions options_;
  Embeddings embeddings_;
  EncoderLayer layer_;
  std::optional<Linear> halting_;
  at::Tensor positions_;  // [N, d]
  at::Tensor steps_;      // [steps, d]
  LayerRunner run_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildUniversalTransformer(const Config& config,
                                                                 const BuildOptions& build) {
  CUSP_ASSIGN_OR_RETURN(const AttentionBackend backend,
                        ChooseBackend(AttentionShapeOf(config, build), build));
  UniversalOptions options = {.steps = config.Int("num_hidden_layers"), .act_threshold = {}};
  if (config.Flag("act")) {
    options.act_threshold = config.Real("act_threshold");
  }
  return std::make_unique<UniversalModel>(config, build, backend, options);
}

}  // namespace cusp::models
