#include "catalog/text/albert.h"

#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys = Join(
    EncoderKeys({.hidden_act = R"("gelu_new")"}),
    std::array<Key, 3>{
        {{"embedding_size", "integer", "128", "features of the embeddings, before a projection", 1,
          1e6},
         {"num_hidden_groups", "integer", "1", "groups of layers with parameters of their own", 1,
          1e4},
         {"inner_group_num", "integer", "1", "layers of a group, all run in each step", 1, 1e3}}});

// Those of the original code, which no published model sets otherwise.
constexpr std::array<InertKey, 5> kInertKeys = {{
    {"classifier_dropout_prob"},
    {"down_scale_factor", "1"},
    {"gap_size", "0"},
    {"net_structure_type", "0"},
    {"num_memory_blocks", "0"},
}};

constexpr std::array<Size, 3> kSizes = {{
    {"albert-base-v2", R"({"vocab_size": 30000, "max_position_embeddings": 512})"},
    {"albert-large-v2",
     R"({"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
         "intermediate_size": 4096, "vocab_size": 30000, "max_position_embeddings": 512})"},
    {"albert-xxlarge-v2",
     R"({"hidden_size": 4096, "num_attention_heads": 64, "intermediate_size": 16384,
         "hidden_act": "gelu", "vocab_size": 30000, "max_position_embeddings": 512})"},
}};

// One layer is one group of one.
void SetLayers(Json& config, int64_t layers) {
  SetHiddenLayers(config, layers);
  config["num_hidden_groups"] = 1;
  config["inner_group_num"] = 1;
}

double Parameters(const Json& config) {
  const double d = Real(config, "hidden_size");
  const double e = Real(config, "embedding_size");
  const double rows = Real(config, "vocab_size") + Real(config, "max_position_embeddings") +
                      Real(config, "type_vocab_size") + 2;
  return rows * e + e * d + d +
         Real(config, "num_hidden_groups") * Real(config, "inner_group_num") *
             EncoderLayerParameters(config);
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  tally.Linear(Component::kEmbedding, tally.batch() * static_cast<double>(work.length),
               Real(config, "embedding_size"), Real(config, "hidden_size"));
  for (int64_t i = 0; i < Int(config, "inner_group_num"); ++i) {
    PlainEncoderCost(config, work, tally);
  }
}

}  // namespace

int64_t AlbertGroup(const Json& config, int64_t layer) {
  // In floating point, as the reference: its rounding decides where groups begin.
  const double layers_in_group =
      Real(config, "num_hidden_layers") / Real(config, "num_hidden_groups");
  return static_cast<int64_t>(static_cast<double>(layer) / layers_in_group);
}

constinit const Model kAlbert = {
    .name = "albert",
    .what = "bert with shared layers and small, projected embeddings",
    .cost_order = "O(n^2 d + n d^2)",
    .source = "Lan et al., ALBERT, ICLR 2020",
    .attention_backends = true,
    .keys = kKeys,
    .inert_keys = kInertKeys,
    .sizes = kSizes,
    .lengths = kByPositions,
    .rules = {.check = CheckEncoder,
              .limits = EncoderLimits,
              .parameters = Parameters,
              .cost = Cost,
              .axes = {.set_layers = SetLayers, .prune = PruneEncoder}},
};

}  // namespace cusp::catalog
