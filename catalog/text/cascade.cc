#include "catalog/text/cascade.h"

#include <cmath>

#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys =
    Join(EncoderKeys({.pad_token_id = "1"}),
         std::array<Key, 2>{
             {{"exit_layers", "integer list or null", "null",
               "layers, counted from 1, after which a ranker drops candidates; null: "
               "after a third, a half, two thirds and five sixths of them",
               1, 1e4},
              {"drop_fraction", "number", "0.3",
               "part of the remaining candidates that a ranker drops, rounded down", 0.0, 0.99}}});

constexpr std::array<Size, 1> kSizes = {{
    {"cascade-roberta-base",
     R"({"vocab_size": 50265, "type_vocab_size": 1, "layer_norm_eps": 1e-05,
         "max_position_embeddings": 514, "exit_layers": [4, 6, 8, 10]})"},
}};

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  if (auto fault = CheckEncoder(check)) {
    return fault;
  }
  const Json& exits = check.config.at("exit_layers");
  const int64_t layers = Int(check.config, "num_hidden_layers");
  int64_t before = 0;
  for (const Json& exit : exits.is_null() ? Json::array() : exits) {
    const auto layer = exit.get<int64_t>();
    if (layer >= layers) {
      return ConfigFault{"exit_layers", "exit_layers holds " + std::to_string(layer) +
                                            ", after which none of " + std::to_string(layers) +
                                            " layers is left to save; use 1 to " +
                                            std::to_string(layers - 1)};
    }
    if (layer <= before) {
      return ConfigFault{"exit_layers", "exit_layers holds " + std::to_string(layer) + " behind " +
                                            std::to_string(before) +
                                            "; list each layer once, in order"};
    }
    before = layer;
  }
  return std::nullopt;
}

void Finish(Json& config, bool /*profiling*/) {
  if (!config.at("exit_layers").is_null()) {
    return;
  }
  const int64_t layers = Int(config, "num_hidden_layers");
  Json exits = Json::array();
  int64_t before = 0;
  // The paper's 4, 6, 8 and 10 of 12.
  for (const int64_t sixths : {2, 3, 4, 5}) {
    const int64_t layer = layers * sixths / 6;
    if (layer > before) {
      exits.push_back(layer);
      before = layer;
    }
  }
  config["exit_layers"] = exits;
}

// Of all candidates together: `batch_size` of them are one list.
void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double heads = Real(config, "num_attention_heads");
  const auto head_size = static_cast<double>(HeadSize(config));
  const double d = Real(config, "hidden_size");
  const auto n = static_cast<double>(work.length);
  const Json& exits = config.at("exit_layers");
  auto exit = exits.begin();
  int64_t candidates = work.batch_size;
  for (int64_t layer = 1; layer <= Int(config, "num_hidden_layers"); ++layer) {
    const auto remaining = static_cast<double>(candidates);
    ProjectionCost(config, remaining * n, tally);
    tally.Attention(remaining * heads, n, n, head_size, head_size);
    FeedForwardCost(config, remaining * n, tally);
    if (work.pass == Pass::kTraining || exit == exits.end() || *exit != layer) {
      continue;
    }
    ++exit;
    if (const int64_t dropped = CandidatesDropped(candidates, Real(config, "drop_fraction"));
        dropped > 0) {
      tally.Linear(Component::kOther, remaining, d, 1, Gradients::kNone);
      candidates -= dropped;
    }
  }
}

}  // namespace

int64_t CandidatesDropped(int64_t candidates, double drop_fraction) {
  // 0.29 * 100 is a little less than 29.
  constexpr double kRounding = 1e-9;
  return static_cast<int64_t>(
      std::floor(drop_fraction * static_cast<double>(candidates) + kRounding));
}

constinit const Model kCascade = {
    .name = "cascade",
    .what = "roberta over a batch of candidates, the worst of which are dropped on the way",
    .cost_order = "O(n^2 d + n d^2)",
    .source = "Soldaini and Moschitti, The Cascade Transformer, ACL 2020",
    .attention_backends = true,
    .keys = kKeys,
    .sizes = kSizes,
    .lengths = kByPositionsAfterPadding,
    .rules = {.check = Check,
              .positions_for = PositionsAfterPadding,
              .finish = Finish,
              .limits = LimitsAfterPadding,
              .parameters = EncoderParameters,
              .cost = Cost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
