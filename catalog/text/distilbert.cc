#include "catalog/text/distilbert.h"

#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr std::array<Key, 11> kKeys = {{
    {"vocab_size", "integer", "30522", "entries of the token embedding", 4, 1e8},
    {"dim", "integer", "768", "features of a token; a multiple of n_heads", 1, 1e6},
    {"n_layers", "integer", "6", "layers", 1, 1e4},
    {"n_heads", "integer", "12", "attention heads of a layer", 1, 1e5},
    {"hidden_dim", "integer", "3072", "features inside the feed-forward part", 1, 1e7},
    {"activation", "string", R"("gelu")", "activation of the feed-forward part", -1e300, 1e300,
     kActivations},
    {"max_position_embeddings", "integer", "",
     "positions; derived from the job's longest length unless set", 1, 1e8},
    {"pad_token_id", "integer", "0", "token that marks padding", 0, 1e8},
    {"initializer_range", "number", "0.02", "standard deviation of random weights", 1e-12, 10.0},
    {"dropout", "number", "0.0", "dropout after embeddings and feed-forward, in training", 0.0,
     0.99},
    {"attention_dropout", "number", "0.0", "dropout on attention, in training", 0.0, 0.99},
}};

// sinusoidal_pos_embds says how the table of positions was initialised.
constexpr std::array<InertKey, 4> kInertKeys = {{
    {"qa_dropout"},
    {"seq_classif_dropout"},
    {"sinusoidal_pos_embds"},
    {"tie_weights_"},
}};

constexpr std::array<Size, 1> kSizes = {{
    {"distilbert-base", R"({"max_position_embeddings": 512})"},
}};

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  if (auto fault = CheckHeads(check, "dim", "n_heads")) {
    return fault;
  }
  return CheckPad(check);
}

// A preset's depth is kept: models of one job share their shape.
void Shape(const Preset& preset, Json& config) {
  config["n_layers"] = preset.num_hidden_layers;
  config["dim"] = preset.hidden_size;
  config["n_heads"] = preset.num_attention_heads;
  config["hidden_dim"] = preset.intermediate_size;
}

void SetLayers(Json& config, int64_t layers) { config["n_layers"] = layers; }

void Prune(Json& config, const Pruning& pruning) {
  config["head_dim"] = Int(config, "dim") / Int(config, "n_heads");
  config["n_heads"] = pruning.Heads(Int(config, "n_heads"));
  config["hidden_dim"] = pruning.Rows(Int(config, "hidden_dim"));
}

double Parameters(const Json& config) { return EncoderParameters(EncoderKeysOfDistilbert(config)); }

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  PlainEncoderCost(EncoderKeysOfDistilbert(config), work, tally);
}

}  // namespace

Json EncoderKeysOfDistilbert(const Json& config) {
  return {{"vocab_size", config.at("vocab_size")},
          {"hidden_size", config.at("dim")},
          {"num_hidden_layers", config.at("n_layers")},
          {"num_attention_heads", config.at("n_heads")},
          {"head_dim", config.value("head_dim", Json())},
          {"intermediate_size", config.at("hidden_dim")},
          {"hidden_act", config.at("activation")},
          {"max_position_embeddings", config.at("max_position_embeddings")},
          {"type_vocab_size", 0},
          {"layer_norm_eps", 1e-12},
          {"hidden_dropout_prob", config.at("dropout")},
          {"attention_probs_dropout_prob", config.at("attention_dropout")},
          {"is_decoder", false}};
}

constinit const Model kDistilbert = {
    .name = "distilbert",
    .what = "bert without token types, distilled to half the layers",
    .cost_order = "O(n^2 d + n d^2)",
    .source = "Sanh et al., DistilBERT, 2019 (arXiv:1910.01108)",
    .attention_backends = true,
    .keys = kKeys,
    .inert_keys = kInertKeys,
    .sizes = kSizes,
    .lengths = kByPositions,
    .rules = {.check = Check,
              .shape = Shape,
              .limits = EncoderLimits,
              .parameters = Parameters,
              .cost = Cost,
              .axes = {.set_layers = SetLayers, .prune = Prune}},
};

}  // namespace cusp::catalog
