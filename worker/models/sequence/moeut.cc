// MoEUT (Csordas et al., 2024): a Universal Transformer whose layers come in groups, the
// group again and again, with experts instead of whole matrices.
#include "catalog/sequence/moeut.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/layer_runner.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/rotary.h"
#include "worker/models/layers/sequence_mask.h"
#include "worker/models/sequence/moeut_layer.h"
#include "worker/models/text/token_model.h"

namespace cusp::models {
namespace {

MoeutLayerOptions LayerOptionsOf(const Config& config, const BuildOptions& build,
                                 AttentionBackend backend) {
  return {.hidden_size = config.Int("hidden_size"),
          .heads = config.Int("num_attention_heads"),
          .head_size = config.Int("head_dim"),
          .experts = config.Int("n_experts"),
          .expert_size = config.Int("expert_size"),
          .chosen = config.Int("top_k"),
          .attention_experts = config.Int("att_experts"),
          .attention_chosen = config.Int("att_k"),
          .activation = ActivationOf(config.Text("hidden_act")),
          .layer_norm_eps = config.Real("layer_norm_eps"),
          .dropout = build.training ? config.Real("attention_dropout") : 0,
          .backend = backend};
}

class Moeut : public TokenModel {
 public:
  Moeut(const Config& config, const BuildOptions& build, const MoeutLayerOptions& options);

  at::Tensor Forward(const Inputs& inputs) override;
  std::unique_ptr<DecodeState> NewState() const override;
  at::Tensor Extend(const at::Tensor& input_ids, DecodeState& state) override;
  std::string AttentionUsed() const override { return group_.front().attention().KernelUsed(); }

 private:
  // Shared layers remember each of their turns apart.
  struct State : DecodeState {
    std::vector<KvCache> turns;
  };

  // `attention_mask` [B, n] or undefined. Without a state, nothing came before.
  at::Tensor Run(const at::Tensor& input_ids, const at::Tensor& attention_mask, State* state);

  size_t layers_;
  AttentionBackend backend_;
  Rotary rotary_;
  at::Tensor words_;
  std::vector<MoeutLayer> group_;
  LayerNorm norm_;
  LayerRunner run_;
};

Moeut::Moeut(const Config& config, const BuildOptions& build, const MoeutLayerOptions& options)
    : TokenModel(config, build, {}),
      layers_(static_cast<size_t>(config.Int("num_hidden_layers"))),
      backend_(options.backend),
      rotary_(catalog::TurningFeatures(config.values()), config.Real("rope_theta"), build.dtype,
              build.device),
      words_(store().Normal("embedding.weight",
                            {config.Int("vocab_size"), config.Int("hidden_size")},
                            config.Int("pad_token_id"))),
      group_([&] {
        std::vector<MoeutLayer> group;
        for (int64_t i = 0; i < config.Int("group_size"); ++i) {
          const std::string prefix = absl::StrCat("transformer.layers.", i);
          store().ShareLayer(prefix, "transformer.layers.0");
          group.emplace_back(store(), prefix, options);
        }
        return group;
      }()),
      norm_(store(), "out_norm", config.Int("hidden_size"), config.Real("layer_norm_eps")),
      run_(store()) {}

at::Tensor Moeut::Forward(const Inputs& inputs) {
  return Run(inputs.at("input_ids"), FindInput(inputs, "attention_mask"), nullptr);
}

std::unique_ptr<DecodeState> Moeut::NewState() const {
  auto state = std::make_unique<State>();
  state->turns.resize(layers_);
  return state;
}

at::Tensor Moeut::Extend(const at::Tensor& input_ids, DecodeState& state) {
  auto& mine = static_cast<State&>(state);
  at::Tensor x = Run(input_ids, {}, &mine);
  mine.length += input_ids.size(1);
  return x;
}

at::Tensor Moeut::Run(const at::Tensor& input_ids, const at::Tensor& attention_mask, State* state) {
  Enter(Component::kOther);
  const int64_t before = state == nullptr ? 0 : state->length;
  DecoderSpan span = CausalSpan(MakeSequenceMask(input_ids, attention_mask, 0, build().dtype),
                                before, backend_, build().dtype, build().device);
  span.rotary = rotary_.At(before, input_ids.size(1));
  Enter(Component::kEmbedding);
  at::Tensor x = ops::Embedding(words_, input_ids);
  for (size_t i = 0; i < layers_; ++i) {
    KvCache* cache = state == nullptr ? nullptr : &state->turns[i];
    x = run_(x, [this, i, span, cache](const at::Tensor& y) {
      return group_[i % group_.size()](y, span, cache);
    });
  }
  Enter(Component::kNorm);
  return norm_(x);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildMoeut(const Config& config, const BuildOptions& build) {
  const AttentionShape shape = {.hidden_size = config.Int("hidden_size"),
                                .heads = config.Int("num_attention_heads"),
                                .head_size = config.Int("head_dim")};
  CUSP_ASSIGN_OR_RETURN(const AttentionBackend backend, ChooseBackend(shape, build));
  return std::make_unique<Moeut>(config, build, LayerOptionsOf(config, build, backend));
}

}  // namespace cusp::models
