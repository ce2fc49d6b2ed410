// Mamba-2 (Dao and Gu, 2024): selective state spaces instead of attention.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/activation.h"
#include "worker/models/layers/causal_convolution.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/layer_runner.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/rms_norm.h"
#include "worker/models/layers/sequence_mask.h"
#include "worker/models/layers/state_space.h"
#include "worker/models/text/token_model.h"

namespace cusp::models {
namespace {

// What a layer keeps of the tokens before.
struct MixerState {
  at::Tensor convolution;
  at::Tensor space;
};

// The tensors that are no matrices: decay, skip and time step of each head.
struct HeadParameters {
  HeadParameters(ParameterStore& store, const std::string& prefix, const Config& config);

  at::Tensor time_step_bias;
  at::Tensor decay_log;
  at::Tensor skip;
};

HeadParameters::HeadParameters(ParameterStore& store, const std::string& prefix,
                               const Config& config) {
  const int64_t heads = config.Int("num_heads");
  const double low = std::log(config.Real("time_step_min"));
  const double high = std::log(config.Real("time_step_max"));
  // Time steps that are uniform in their logarithm, before softplus.
  const at::Tensor step = ops::Empty({heads}, at::kFloat, at::kCPU)
                              .uniform_(low, std::max(high, low + 1e-6), store.generator())
                              .exp_()
                              .clamp_min_(config.Real("time_step_floor"));
  time_step_bias = store.Of(prefix + ".dt_bias", step.add(step.neg().expm1_().neg_().log_()));
  decay_log =
      store.Of(prefix + ".A_log", ops::Arange(heads, at::kCPU).to(at::kFloat).add_(1).log_());
  skip = store.Constant(prefix + ".D", {heads}, 1);
}

at::Tensor Widened(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
}

class Mixer {
 public:
  Mixer(ParameterStore& store, const std::string& prefix, const Config& config);

  // x [B, n, d]; `keep` [B, n, 1], 1 or 0, or undefined. Without a state, nothing came
  // before.
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& keep, MixerState* state) const;

 private:
  at::Tensor Scan(const at::Tensor& mixed, const at::Tensor& dt, MixerState* state) const;

  int64_t heads_;
  int64_t inner_;
  int64_t groups_;
  int64_t depth_;
  int64_t chunk_;
  std::vector<double> limits_;
  Activation activation_;
  HeadParameters head_;
  CausalConvolution convolution_;
  Linear in_;
  RmsNorm norm_;
  Linear out_;
};

Mixer::Mixer(ParameterStore& store, const std::string& prefix, const Config& config)
    : heads_(config.Int("num_heads")),
      inner_(heads_ * config.Int("head_dim")),
      groups_(config.Int("n_groups")),
      depth_(config.Int("state_size")),
      chunk_(config.Int("chunk_size")),
      limits_(config.Reals("time_step_limit")),
      activation_(ActivationOf(config.Text("hidden_act"))),
      head_(store, prefix, config),
      convolution_(store, prefix + ".conv1d",
                   {.channels = inner_ + 2 * groups_ * depth_,
                    .taps = config.Int("conv_kernel"),
                    .bias = config.Flag("use_conv_bias")}),
      in_(store, prefix + ".in_proj", config.Int("hidden_size"),
          2 * inner_ + 2 * groups_ * depth_ + heads_, {.bias = config.Flag("use_bias")}),
      norm_(store, prefix + ".norm", inner_, config.Real("layer_norm_epsilon")),
      out_(store, prefix + ".out_proj", inner_, config.Int("hidden_size"),
           {.bias = config.Flag("use_bias")}) {}

at::Tensor Mixer::operator()(const at::Tensor& x, const at::Tensor& keep, MixerState* state) const {
  Enter(Component::kProjection);
  const at::Tensor projected = in_(keep.defined() ? x.mul(keep) : x);
  Enter(Component::kMixing);
  const int64_t features = projected.size(2) - inner_ - heads_;
  at::Tensor mixed = convolution_(projected.narrow(2, inner_, features),
                                  state == nullptr ? nullptr : &state->convolution);
  mixed = Activate(activation_, mixed);
  mixed = keep.defined() ? mixed.mul(keep) : mixed;
  const at::Tensor y = Scan(mixed, projected.narrow(2, inner_ + features, heads_), state);
  Enter(Component::kNorm);
  // The gate acts in the width of the scan, and is rounded with the norm.
  const at::Tensor gate = ops::Silu(Widened(projected.narrow(2, 0, inner_)));
  const at::Tensor normed = norm_(y.mul(gate));
  Enter(Component::kProjection);
  return out_(normed.to(x.scalar_type()));
}

at::Tensor Mixer::Scan(const at::Tensor& mixed, const at::Tensor& dt, MixerState* state) const {
  const int64_t batch = mixed.size(0);
  const int64_t length = mixed.size(1);
  const at::Tensor wide = Widened(mixed);
  at::Tensor steps = ops::Softplus(Widened(dt.add(head_.time_step_bias)));
  if (limits_[0] > 0) {
    steps = steps.clamp_min(limits_[0]);
  }
  if (limits_[1] < std::numeric_limits<float>::max()) {
    steps = steps.clamp_max(limits_[1]);
  }
  const auto part = [&](int64_t begin, int64_t size, int64_t of) {
    return wide.narrow(2, begin, size).reshape({batch, length, of, size / of});
  };
  const StateSpaceInputs inputs = {.x = part(0, inner_, heads_),
                                   .dt = steps,
                                   .a = Widened(head_.decay_log).exp().neg(),
                                   .b = part(inner_, groups_ * depth_, groups_),
                                   .c = part(inner_ + groups_ * depth_, groups_ * depth_, groups_)};
  at::Tensor y = state != nullptr && state->space.defined() && length == 1
                     ? ScanStep(inputs, state->space)
                     : ScanByChunks(inputs, chunk_, state == nullptr ? nullptr : &state->space);
  y = y.add(inputs.x.mul(Widened(head_.skip).unsqueeze(-1)));
  return y.reshape({batch, length, inner_});
}

class Mamba2 : public TokenModel {
 public:
  Mamba2(const Config& config, const BuildOptions& build);

  at::Tensor Forward(const Inputs& inputs) override;
  std::unique_ptr<DecodeState> NewState() const override;
  at::Tensor Extend(const at::Tensor& input_ids, DecodeState& state) override;

 private:
  struct Layer {
    Layer(ParameterStore& store, const std::string& prefix, const Config& config)
        : norm(store, prefix + ".norm", config.Int("hidden_size"),
               config.Real("layer_norm_epsilon")),
          mixer(store, prefix + ".mixer", config) {}

    RmsNorm norm;
    Mixer mixer;
  };
  struct State : DecodeState {
    std::vector<MixerState> layers;
  };

  at::Tensor Run(const at::Tensor& input_ids, const at::Tensor& keep, State* state) const;

  bool wide_residual_;
  at::Tensor words_;
  std::vector<Layer> layers_;
  RmsNorm norm_;
  LayerRunner run_;
};

Mamba2::Mamba2(const Config& config, const BuildOptions& build)
    : TokenModel(config, build, {}),
      wide_residual_(config.Flag("residual_in_fp32")),
      words_(store().Normal("embeddings.weight",
                            {config.Int("vocab_size"), config.Int("hidden_size")})),
      layers_([&] {
        std::vector<Layer> layers;
        for (int64_t i = 0; i < config.Int("num_hidden_layers"); ++i) {
          const std::string prefix = absl::StrCat("layers.", i);
          store().ShareLayer(prefix, "layers.0");
          layers.emplace_back(store(), prefix, config);
        }
        return layers;
      }()),
      norm_(store(), "norm_f", config.Int("hidden_size"), config.Real("layer_norm_epsilon")),
      run_(store()) {}

at::Tensor Mamba2::Forward(const Inputs& inputs) {
  const at::Tensor& ids = inputs.at("input_ids");
  const SequenceMask mask =
      MakeSequenceMask(ids, FindInput(inputs, "attention_mask"), 0, build().dtype);
  // The reference looks at no mask where there is one token.
  const bool masked = mask.keep.defined() && ids.size(1) > 1;
  return Run(ids, masked ? mask.keep.unsqueeze(-1).to(build().dtype) : at::Tensor(), nullptr);
}

std::unique_ptr<DecodeState> Mamba2::NewState() const {
  auto state = std::make_unique<State>();
  state->layers.resize(layers_.size());
  return state;
}

at::Tensor Mamba2::Extend(const at::Tensor& input_ids, DecodeState& state) {
  auto& mine = static_cast<State&>(state);
  at::Tensor x = Run(input_ids, {}, &mine);
  mine.length += input_ids.size(1);
  return x;
}

at::Tensor Mamba2::Run(const at::Tensor& input_ids, const at::Tensor& keep, State* state) const {
  Enter(Component::kEmbedding);
  const at::Tensor words = ops::Embedding(words_, input_ids);
  at::Tensor x = wide_residual_ ? Widened(words) : words;
  for (size_t i = 0; i < layers_.size(); ++i) {
    MixerState* kept = state == nullptr ? nullptr : &state->layers[i];
    x = run_(x,
             [&layer = layers_[i], keep, kept, dtype = words.scalar_type()](const at::Tensor& y) {
               Enter(Component::kNorm);
               return y.add(layer.mixer(layer.norm(y.to(dtype)), keep, kept));
             });
  }
  Enter(Component::kNorm);
  return norm_(x).to(words.scalar_type());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> BuildMamba2(const Config& config,
                                                   const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "mamba2"));
  return std::make_unique<Mamba2>(config, build);
}

}  // namespace cusp::models
