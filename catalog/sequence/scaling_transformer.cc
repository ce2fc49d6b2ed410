#include "catalog/sequence/scaling_transformer.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "catalog/builtin_models.h"
#include "catalog/sequence/decoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys = Join(
    Without(EncoderKeys({.layer_norm_eps = "1e-06", .is_decoder = "true"}),
            std::array<std::string_view, 2>{"hidden_act", "type_vocab_size"}),
    std::array<Key, 6>{
        {{"ff_sparsity", "integer", "64",
          "units of a feed-forward block, of which a token uses one; divides intermediate_size", 1,
          1e6},
         {"controller_rank", "integer or null", "null",
          "features between the two factors of what chooses it; null: hidden_size / ff_sparsity", 1,
          1e6},
         {"qkv_sparsity", "integer", "16",
          "modules of queries, keys and values; divides hidden_size", 2, 1e6},
         {"loss_sparsity", "integer or null", "null",
          "modules of the projection to the vocabulary, which is then the output; divides "
          "vocab_size; null: no such projection",
          1, 1e6},
         {"temperature", "number", "0.1", "of the noise on choices, in training", 0.0, 1e6},
         {"quant_prob", "number", "0.3",
          "share of training steps that use the chosen unit, not the block's weighted sum", 0.0,
          1.0}}});

std::optional<ConfigFault> CheckDivides(const ConfigCheck& check, const char* key,
                                        const char* whole) {
  if (check.config.at(key).is_null() || Int(check.config, whole) % Int(check.config, key) == 0) {
    return std::nullopt;
  }
  const std::string name = key;
  return ConfigFault{check.given.contains(name) ? name : whole,
                     name + " " + check.config.at(name).dump() + " does not divide " + whole + " " +
                         check.config.at(whole).dump() + "; change one of them"};
}

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  if (auto fault = CheckCausalEncoder(check)) {
    return fault;
  }
  for (const auto& [key, whole] :
       {std::pair{"ff_sparsity", "intermediate_size"}, std::pair{"qkv_sparsity", "hidden_size"},
        std::pair{"loss_sparsity", "vocab_size"}}) {
    if (auto fault = CheckDivides(check, key, whole)) {
      return fault;
    }
  }
  return std::nullopt;
}

int64_t ControllerRank(const Json& config) {
  return config.at("controller_rank").is_null()
             ? std::max<int64_t>(1, Int(config, "hidden_size") / Int(config, "ff_sparsity"))
             : Int(config, "controller_rank");
}

void Finish(Json& config, bool /*profiling*/) {
  config["controller_rank"] = ControllerRank(config);
}

// Whole blocks of rows go, as heads do elsewhere. Heads stay: no projection follows them,
// and what each makes is added to features of its own.
void Prune(Json& config, const Pruning& pruning) {
  const int64_t block = Int(config, "ff_sparsity");
  config["intermediate_size"] = pruning.Heads(Int(config, "intermediate_size") / block) * block;
}

// Of a multiplicative layer.
double FactoredParameters(double in, double out, double modules) {
  return modules * in + in * out / modules + out;
}

double Parameters(const Json& config) {
  const double d = Real(config, "hidden_size");
  const double f = Real(config, "intermediate_size");
  const double modules = Real(config, "qkv_sparsity");
  const double width = d / modules;
  const auto rank = static_cast<double>(ControllerRank(config));
  const double attention =
      FactoredParameters(d, d, modules) + width * width * (9 + 9 + 3) + 3 * width;
  const double feed_forward = d * rank + rank * f + f + 2 * f * d + d;
  const double vocabulary = Real(config, "vocab_size");
  const double loss = config.at("loss_sparsity").is_null()
                          ? 0
                          : FactoredParameters(d, vocabulary, Real(config, "loss_sparsity"));
  return vocabulary * d + Real(config, "num_hidden_layers") * (attention + feed_forward + 4 * d) +
         2 * d + loss;
}

struct FactoredShape {
  double in, out, modules;
};

void FactoredCost(Component component, double rows, const FactoredShape& shape, CostTally& tally) {
  const double width = shape.out / shape.modules;
  if (WritesMatrixOut(static_cast<int64_t>(rows), static_cast<int64_t>(width))) {
    tally.Linear(component, rows, shape.in, shape.out);
  } else {
    tally.Linear(component, rows * shape.modules, shape.in, width);
  }
}

// Queries, keys and values of `length` tokens of each sequence.
void QueryKeyValueCost(const Json& config, int64_t length, CostTally& tally) {
  const double d = Real(config, "hidden_size");
  const double modules = Real(config, "qkv_sparsity");
  const double width = d / modules;
  const auto n = static_cast<double>(length);
  FactoredCost(Component::kProjection, tally.batch() * n, {d, d, modules}, tally);
  for (const double taps : {9.0, 9.0, 3.0}) {
    // Two tokens come before the first, kept ones or nothing.
    tally.Convolution(Component::kProjection, {.inputs = tally.batch() * (n + 2) * modules,
                                               .in = width,
                                               .outputs = tally.batch() * n * modules,
                                               .out = width,
                                               .groups = 1,
                                               .taps = taps});
  }
}

// Training computes every unit, inference the chosen, for which each token has rows of its own.
void SparseFeedForwardCost(const Json& config, double rows, CostTally& tally) {
  const double d = Real(config, "hidden_size");
  const double f = Real(config, "intermediate_size");
  const auto rank = static_cast<double>(ControllerRank(config));
  tally.Linear(Component::kFeedForward, rows, d, rank);
  tally.Linear(Component::kFeedForward, rows, rank, f);
  if (tally.work().pass == Pass::kTraining) {
    FeedForwardCost(config, rows, tally);
    return;
  }
  const double used = f / Real(config, "ff_sparsity");
  tally.Product(Component::kFeedForward, rows, 1, d, used);
  tally.Product(Component::kFeedForward, rows, 1, used, d);
}

void LossCost(const Json& config, double rows, CostTally& tally) {
  if (!config.at("loss_sparsity").is_null()) {
    FactoredCost(
        Component::kOther, rows,
        {Real(config, "hidden_size"), Real(config, "vocab_size"), Real(config, "loss_sparsity")},
        tally);
  }
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double rows = tally.batch() * static_cast<double>(work.length);
  for (int64_t layer = 0; layer < Int(config, "num_hidden_layers"); ++layer) {
    QueryKeyValueCost(config, work.length, tally);
    PlainAttentionCost(config, work.length, tally);
    SparseFeedForwardCost(config, rows, tally);
  }
  LossCost(config, rows, tally);
}

void DecodeCost(const Json& config, const Workload& work, CostTally& tally) {
  for (int64_t layer = 0; layer < Int(config, "num_hidden_layers"); ++layer) {
    QueryKeyValueCost(config, /*length=*/1, tally);
    CachedAttentionCost(config, work.length + 1, tally);
    SparseFeedForwardCost(config, tally.batch(), tally);
  }
  LossCost(config, tally.batch(), tally);
}

}  // namespace

bool WritesMatrixOut(int64_t rows, int64_t width) { return rows >= width; }

constinit const Model kScalingTransformer = {
    .name = "scaling_transformer",
    .what =
        "causal decoder that reads one unit in each block of its feed-forward part, and "
        "projects by modules",
    .cost_order = "O(n^2 d + n d^2)",
    .source = "Jaszczur et al., Sparse is Enough in Scaling Transformers, NeurIPS 2021",
    .decode = true,
    .attention_backends = true,
    .keys = kKeys,
    .lengths = kByContext,
    .rules = {.check = Check,
              .finish = Finish,
              .limits = ContextLimits,
              .parameters = Parameters,
              .cost = Cost,
              .decode_cost = DecodeCost,
              .axes = {.set_layers = SetHiddenLayers, .prune = Prune}},
};

}  // namespace cusp::catalog
