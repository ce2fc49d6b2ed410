#include "catalog/sequence/moeut.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "catalog/builtin_models.h"
#include "catalog/sequence/decoder.h"
#include "catalog/sequence/expert_cost.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr std::array<Key, 19> kKeys = {{
    {"vocab_size", "integer", "30522", "entries of the token embedding", 4, 1e8},
    {"hidden_size", "integer", "768", "features of a token", 1, 1e6},
    {"num_hidden_layers", "integer", "18", "layers that a token passes; a multiple of group_size",
     1, 1e4},
    {"group_size", "integer", "2", "layers with parameters of their own, passed again and again", 1,
     1e4},
    {"num_attention_heads", "integer", "4", "attention heads of a layer", 1, 1e5},
    {"head_dim", "integer or null", "null",
     "features of a head; null: hidden_size / num_attention_heads", 2, 1e5},
    {"n_experts", "integer", "254", "experts of a feed-forward part", 1, 1e5},
    {"expert_size", "integer", "128", "features inside one of them", 1, 1e7},
    {"top_k", "integer", "12", "of them that a token passes", 1, 1e5},
    {"att_experts", "integer", "10", "experts of a head, for values and for outputs each", 1, 1e5},
    {"att_k", "integer", "2", "of them that a token passes", 1, 1e5},
    {"hidden_act", "string", R"("relu")", "activation inside an expert", -1e300, 1e300,
     kActivations},
    {"max_position_embeddings", "integer", "",
     "longest input; derived from the job's longest length unless set", 1, 1e8},
    {"layer_norm_eps", "number", "1e-05", "added to variances", 1e-30, 1.0},
    {"rope_theta", "number", "10000.0", "base of the rotary positions' wavelengths", 1.0, 1e15},
    {"partial_rotary_factor", "number", "0.5",
     "share of a head's features that turn with the position", 1e-6, 1.0},
    {"pad_token_id", "integer", "0", "token that marks padding", 0, 1e8},
    {"initializer_range", "number", "0.02", "standard deviation of random weights", 1e-12, 10.0},
    {"attention_dropout", "number", "0.0", "dropout on attention, in training", 0.0, 0.99},
}};

constexpr std::array<InertKey, 1> kInertKeys = {{
    {"is_decoder"},  // a decoder it is, whatever it says
}};

constexpr std::array<Size, 6> kSizes = {{
    {"moeut-44m",
     R"({"vocab_size": 8000, "hidden_size": 412, "num_hidden_layers": 16, "head_dim": 82,
         "n_experts": 155, "att_experts": 8})"},
    {"moeut-126m", R"({"vocab_size": 8000, "head_dim": 96})"},
    {"moeut-244m",
     R"({"vocab_size": 8000, "hidden_size": 1024, "head_dim": 128, "n_experts": 387,
         "top_k": 16})"},
    {"moeut-318m",
     R"({"vocab_size": 8000, "hidden_size": 1024, "num_hidden_layers": 24, "group_size": 3,
         "head_dim": 128, "n_experts": 338, "top_k": 16})"},
    {"moeut-727m",
     R"({"vocab_size": 8000, "hidden_size": 1280, "num_hidden_layers": 36, "group_size": 4,
         "num_attention_heads": 5, "head_dim": 128, "n_experts": 467, "top_k": 20,
         "att_experts": 13})"},
    {"moeut-1b",
     R"({"vocab_size": 8000, "hidden_size": 1536, "num_hidden_layers": 36, "group_size": 4,
         "num_attention_heads": 6, "head_dim": 128, "n_experts": 565, "top_k": 24,
         "att_experts": 12})"},
}};

// As many parameters in the feed-forward parts as that many layers of their own would have,
// of which a token passes half a layer's; and few, wide heads: the published proportions.
void Shape(const Preset& preset, Json& config) {
  constexpr int64_t kExpert = 128;
  const int64_t group = preset.num_hidden_layers > 2 ? 2 : 1;
  config["num_hidden_layers"] = preset.num_hidden_layers;
  config["group_size"] = group;
  config["hidden_size"] = preset.hidden_size;
  config["num_attention_heads"] = std::min<int64_t>(preset.num_attention_heads, 4);
  config["head_dim"] = preset.hidden_size / 8;
  config["expert_size"] = kExpert;
  config["n_experts"] = preset.num_hidden_layers / group * preset.intermediate_size / kExpert;
  config["top_k"] = preset.intermediate_size / (2 * kExpert);
}

// No more experts can be chosen than there are.
std::optional<ConfigFault> CheckChosen(const ConfigCheck& check, const char* chosen,
                                       const char* experts) {
  if (Int(check.config, chosen) <= Int(check.config, experts)) {
    return std::nullopt;
  }
  const std::string name = chosen;
  return ConfigFault{check.given.contains(name) ? name : experts,
                     name + " " + check.config.at(name).dump() + " exceeds " + experts + " " +
                         check.config.at(experts).dump() + ", of which so many are chosen"};
}

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  const int64_t layers = Int(check.config, "num_hidden_layers");
  const int64_t group = Int(check.config, "group_size");
  if (layers % group != 0) {
    return ConfigFault{check.given.contains("group_size") ? "group_size" : "num_hidden_layers",
                       "num_hidden_layers " + std::to_string(layers) +
                           " is not a multiple of group_size " + std::to_string(group) +
                           "; change one of them"};
  }
  if (check.config.at("head_dim").is_null()) {
    if (auto fault = CheckHeads(check)) {
      return fault;
    }
  }
  if (TurningFeatures(check.config) < 2) {
    return ConfigFault{check.given.contains("head_dim") ? "head_dim" : "partial_rotary_factor",
                       "of heads of size " + std::to_string(HeadSize(check.config)) +
                           " no pair of features turns with the position; make head_dim or "
                           "partial_rotary_factor larger"};
  }
  for (const auto& [chosen, experts] :
       {std::pair{"top_k", "n_experts"}, std::pair{"att_k", "att_experts"}}) {
    if (auto fault = CheckChosen(check, chosen, experts)) {
      return fault;
    }
  }
  return CheckPad(check);
}

void Finish(Json& config, bool /*profiling*/) { config["head_dim"] = HeadSize(config); }

// One layer is one group of one.
void SetLayers(Json& config, int64_t layers) {
  SetHiddenLayers(config, layers);
  config["group_size"] = 1;
}

// A head takes its experts along, every expert of a feed-forward part loses rows.
void Prune(Json& config, const Pruning& pruning) {
  config["num_attention_heads"] = pruning.Heads(Int(config, "num_attention_heads"));
  config["expert_size"] = pruning.Rows(Int(config, "expert_size"));
}

double Parameters(const Json& config) {
  const double d = Real(config, "hidden_size");
  const double experts = Real(config, "n_experts");
  const double heads = Real(config, "num_attention_heads");
  const double inner = heads * static_cast<double>(HeadSize(config));
  const double head_experts = Real(config, "att_experts");
  const double attention = 2 * d * inner * (1 + head_experts) + 2 * heads * head_experts * d;
  const double feed_forward = experts * d * (2 * Real(config, "expert_size") + 1);
  return Real(config, "vocab_size") * d +
         Real(config, "group_size") * (attention + feed_forward + 4 * d) + 2 * d;
}

// Of `queries` tokens of each sequence, which attend to `keys`.
void RunCost(const Json& config, double queries, double keys, CostTally& tally) {
  const double d = Real(config, "hidden_size");
  const double heads = Real(config, "num_attention_heads");
  const auto head = static_cast<double>(HeadSize(config));
  const double chosen = Real(config, "top_k");
  const double experts = Real(config, "n_experts");
  const double head_chosen = Real(config, "att_k");
  const double head_experts = Real(config, "att_experts");
  const double tokens = tally.batch() * queries;
  const double size = Real(config, "expert_size");
  const double rows = tokens * chosen;
  const double present = ExpertsPresent(experts, chosen, tokens);
  const double head_rows = tokens * heads * head_chosen;
  const double head_present = heads * ExpertsPresent(head_experts, head_chosen, tokens);
  for (int64_t layer = 0; layer < Int(config, "num_hidden_layers"); ++layer) {
    for (int i = 0; i < 2; ++i) {
      tally.Linear(Component::kProjection, tokens, d, heads * head);
      tally.Linear(Component::kProjection, tokens, d, heads * head_experts);
    }
    ExpertCost(Component::kProjection, {head_rows, head_present, d, head}, tally);
    tally.Attention(tally.batch() * heads, queries, keys, head, head);
    ExpertCost(Component::kProjection, {head_rows, head_present, head, d}, tally);
    tally.Linear(Component::kFeedForward, tokens, d, experts);
    ExpertCost(Component::kFeedForward, {rows, present, d, size}, tally);
    ExpertCost(Component::kFeedForward, {rows, present, size, d}, tally);
  }
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const auto length = static_cast<double>(work.length);
  RunCost(config, length, length, tally);
}

void DecodeCost(const Json& config, const Workload& work, CostTally& tally) {
  RunCost(config, 1, static_cast<double>(work.length) + 1, tally);
}

}  // namespace

int64_t TurningFeatures(const Json& config) {
  const double features =
      static_cast<double>(HeadSize(config)) * Real(config, "partial_rotary_factor");
  return static_cast<int64_t>(features / 2) * 2;
}

constinit const Model kMoeut = {
    .name = "moeut",
    .what = "a group of layers again and again, of experts in attention and feed-forward part",
    .cost_order = "O(n^2 d + n d^2)",
    .source = "Csordas et al., MoEUT: Mixture-of-Experts Universal Transformers, NeurIPS 2024",
    .decode = true,
    .attention_backends = true,
    .keys = kKeys,
    .inert_keys = kInertKeys,
    .sizes = kSizes,
    .lengths = kByContext,
    .rules = {.check = Check,
              .shape = Shape,
              .finish = Finish,
              .limits = ContextLimits,
              .parameters = Parameters,
              .cost = Cost,
              .decode_cost = DecodeCost,
              .axes = {.set_layers = SetLayers, .prune = Prune}},
};

}  // namespace cusp::catalog
