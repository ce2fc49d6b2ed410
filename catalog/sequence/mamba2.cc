#include <string>

#include "catalog/builtin_models.h"
#include "catalog/config_values.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr std::array<Key, 21> kKeys = {{
    {"vocab_size", "integer", "30522", "entries of the token embedding", 4, 1e8},
    {"hidden_size", "integer", "4096",
     "features of a token; times expand it is num_heads times head_dim", 1, 1e6},
    {"num_hidden_layers", "integer", "64", "layers", 1, 1e4},
    {"num_heads", "integer", "128", "heads of the state space", 1, 1e6},
    {"head_dim", "integer", "64", "features of a head", 1, 1e6},
    {"state_size", "integer", "128", "rows of each head's state", 1, 1e6},
    {"expand", "integer", "2", "inner features for each of hidden_size", 1, 1e3},
    {"n_groups", "integer", "8", "groups of heads that share their input and output maps", 1, 1e6},
    {"conv_kernel", "integer", "4", "tokens that the convolution reaches over", 1, 1e3},
    {"chunk_size", "integer", "256", "most tokens of a chunk: products inside, a state between", 1,
     1e6},
    {"hidden_act", "string", R"("silu")", "activation after the convolution", -1e300, 1e300,
     kActivations},
    {"use_bias", "boolean", "false", "biases in the projections"},
    {"use_conv_bias", "boolean", "true", "bias in the convolution"},
    {"layer_norm_epsilon", "number", "1e-05", "added to mean squares", 1e-30, 1.0},
    {"residual_in_fp32", "boolean", "true", "sums of layers in float32, whatever the dtype"},
    {"time_step_limit", "number list", "[0.0, 1.7976931348623157e308]",
     "least and greatest time step", 0.0, 1.7976931348623157e308},
    {"time_step_min", "number", "0.001", "least time step of random weights", 1e-30, 1e30},
    {"time_step_max", "number", "0.1", "greatest time step of random weights", 1e-30, 1e30},
    {"time_step_floor", "number", "0.0001", "random time steps below it are raised to it", 0.0,
     1e30},
    {"pad_token_id", "integer or null", "1", "token that marks padding", -1, 1e8},
    {"initializer_range", "number", "0.1", "standard deviation of random weights", 1e-12, 10.0},
}};

constexpr std::array<InertKey, 5> kInertKeys = {{
    {"is_decoder"},  // a decoder it is, whatever it says
    {"norm_before_gate", "false"},
    {"rescale_prenorm_residual"},  // how weights were drawn
    {"rms_norm", "true"},
    {"time_step_rank"},  // Mamba-1's
}};

constexpr std::array<Size, 5> kSizes = {{
    {"mamba2-130m",
     R"({"vocab_size": 50288, "hidden_size": 768, "num_hidden_layers": 24, "num_heads": 24,
         "n_groups": 1})"},
    {"mamba2-370m",
     R"({"vocab_size": 50288, "hidden_size": 1024, "num_hidden_layers": 48, "num_heads": 32,
         "n_groups": 1})"},
    {"mamba2-780m",
     R"({"vocab_size": 50288, "hidden_size": 1536, "num_hidden_layers": 48, "num_heads": 48,
         "n_groups": 1})"},
    {"mamba2-1.3b",
     R"({"vocab_size": 50288, "hidden_size": 2048, "num_hidden_layers": 48, "num_heads": 64,
         "n_groups": 1})"},
    {"mamba2-2.7b",
     R"({"vocab_size": 50288, "hidden_size": 2560, "num_hidden_layers": 64, "num_heads": 80,
         "n_groups": 1})"},
}};

// Two blocks stand for one Transformer layer, as in the published sizes: attention
// and feed-forward part have about as many parameters.
void Shape(const Preset& preset, Json& config) {
  config["num_hidden_layers"] = 2 * preset.num_hidden_layers;
  config["hidden_size"] = preset.hidden_size;
  config["head_dim"] = 64;
  config["num_heads"] = 2 * preset.hidden_size / 64;
  config["n_groups"] = 1;
}

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  const Json& config = check.config;
  const int64_t heads = Int(config, "num_heads");
  const int64_t inner = Int(config, "hidden_size") * Int(config, "expand");
  if (inner != heads * Int(config, "head_dim")) {
    return ConfigFault{check.given.contains("num_heads") ? "num_heads" : "hidden_size",
                       "hidden_size times expand is " + std::to_string(inner) +
                           ", but num_heads times head_dim is " +
                           std::to_string(heads * Int(config, "head_dim")) + "; make them agree"};
  }
  if (heads % Int(config, "n_groups") != 0) {
    return ConfigFault{"n_groups", "num_heads " + std::to_string(heads) +
                                       " is not a multiple of n_groups " +
                                       config.at("n_groups").dump() + "; change one of them"};
  }
  const Json& limit = config.at("time_step_limit");
  if (limit.size() != 2 || limit[0].get<double>() > limit[1].get<double>()) {
    return ConfigFault{"time_step_limit", "time_step_limit is " + limit.dump() +
                                              "; give the least and the greatest time step"};
  }
  if (Real(config, "time_step_min") > Real(config, "time_step_max")) {
    return ConfigFault{"time_step_min", "time_step_min is above time_step_max; swap them"};
  }
  return std::nullopt;
}

int64_t Quantum(const Json& config) { return Int(config, "chunk_size"); }

LengthLimits Limits(const Json& /*config*/, bool /*profiling*/) {
  return {.max = 100'000'000, .max_reason = "memory ends long before"};
}

// hidden_size times expand, less where heads are pruned.
double Inner(const Json& config) { return Real(config, "num_heads") * Real(config, "head_dim"); }

// As many heads of each group, which share b and c.
void Prune(Json& config, const Pruning& pruning) {
  const int64_t groups = Int(config, "n_groups");
  config["num_heads"] = groups * pruning.Heads(Int(config, "num_heads") / groups);
}

// Features that the convolution sees: x, b and c.
double ConvolutionFeatures(const Json& config) {
  return Inner(config) + 2 * Real(config, "n_groups") * Real(config, "state_size");
}

double Parameters(const Json& config) {
  const double d = Real(config, "hidden_size");
  const double inner = Inner(config);
  const double features = ConvolutionFeatures(config);
  const double heads = Real(config, "num_heads");
  const double projected = inner + features + heads;
  double layer =
      d * projected + inner * d + features * Real(config, "conv_kernel") + 3 * heads + inner + d;
  layer += Flag(config, "use_bias") ? projected + d : 0;
  layer += Flag(config, "use_conv_bias") ? features : 0;
  return Real(config, "vocab_size") * d + Real(config, "num_hidden_layers") * layer + d;
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double d = Real(config, "hidden_size");
  const double inner = Inner(config);
  const double heads = Real(config, "num_heads");
  const double width = Real(config, "head_dim");
  const double groups = Real(config, "n_groups");
  const double depth = Real(config, "state_size");
  const double rows = tally.batch() * static_cast<double>(work.length);
  const int64_t chunk = Int(config, "chunk_size");
  const int64_t chunks = RoundUp(work.length, chunk) / chunk;
  // Chunks of one length are as even as can be.
  const int64_t longest = RoundUp(work.length, chunks) / chunks;
  const auto tokens = static_cast<double>(longest);
  const double all = tally.batch() * static_cast<double>(chunks);
  for (int64_t layer = 0; layer < Int(config, "num_hidden_layers"); ++layer) {
    tally.Linear(Component::kProjection, rows, d, inner + ConvolutionFeatures(config) + heads);
    tally.Product(Component::kMixing, all * groups, tokens, depth, tokens);
    tally.Product(Component::kMixing, all * heads, tokens, tokens, width);
    if (chunks > 1) {
      tally.Product(Component::kMixing, all * groups, depth, tokens, heads / groups * width);
      tally.Product(Component::kMixing, all * groups, tokens, depth, heads / groups * width);
    }
    tally.Linear(Component::kProjection, rows, inner, d);
  }
}

void DecodeCost(const Json& config, const Workload& /*work*/, CostTally& tally) {
  const double d = Real(config, "hidden_size");
  const double inner = Inner(config);
  const double heads = Real(config, "num_heads");
  const double groups = Real(config, "n_groups");
  const double depth = Real(config, "state_size");
  const double per_group = heads / groups * Real(config, "head_dim");
  const double rows = tally.batch();
  for (int64_t layer = 0; layer < Int(config, "num_hidden_layers"); ++layer) {
    tally.Linear(Component::kProjection, rows, d, inner + ConvolutionFeatures(config) + heads);
    // Into the state, and out of it.
    tally.Product(Component::kMixing, rows * groups, depth, 1, per_group);
    tally.Product(Component::kMixing, rows * groups, 1, depth, per_group);
    tally.Linear(Component::kProjection, rows, inner, d);
  }
}

}  // namespace

constinit const Model kMamba2 = {
    .name = "mamba2",
    .what = "selective state space, in chunks of matrix products",
    .cost_order = "O(n d^2)",
    .source = "Dao and Gu, Transformers are SSMs, ICML 2024 (arXiv:2405.21060)",
    .decode = true,
    .keys = kKeys,
    .inert_keys = kInertKeys,
    .sizes = kSizes,
    .padding = "chunk_size",
    .lengths = "any: it has no positions",
    .rules = {.check = Check,
              .shape = Shape,
              .quantum = Quantum,
              .limits = Limits,
              .parameters = Parameters,
              .cost = Cost,
              .decode_cost = DecodeCost,
              .axes = {.set_layers = SetHiddenLayers, .prune = Prune}},
};

}  // namespace cusp::catalog
