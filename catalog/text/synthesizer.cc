#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys =
    Join(EncoderKeys({}),
         std::array<Key, 2>{
             {{"synthesizer", "string", R"("dense")",
               "where scores come from: the query alone, or a learned matrix, whole or in factors",
               -1e300, 1e300, "dense random factorized"},
              {"synthesizer_rank", "integer", "8", "columns of the two factors of factorized", 1,
               1e6}}});

// Query, if any, value and output.
double Projections(const Json& config) { return config.at("synthesizer") == "dense" ? 3 : 2; }

// What a layer learns in place of the projections that it lacks.
double Scores(const Json& config) {
  const double positions = Real(config, "max_position_embeddings");
  const double heads = Real(config, "num_attention_heads");
  if (config.at("synthesizer") == "dense") {
    return heads * positions * (static_cast<double>(HeadSize(config)) + 1);
  }
  if (config.at("synthesizer") == "random") {
    return heads * positions * positions;
  }
  return 2 * heads * positions * Real(config, "synthesizer_rank");
}

double Parameters(const Json& config) {
  const double projection = (Real(config, "hidden_size") + 1) * InnerSize(config);
  return EncoderParameters(config) + Real(config, "num_hidden_layers") *
                                         (Scores(config) - (4 - Projections(config)) * projection);
}

// Scores of a learned matrix are the same for the whole batch, and so are their weights.
void Mixing(const Json& config, double n, CostTally& tally) {
  const double heads = Real(config, "num_attention_heads");
  const auto d_h = static_cast<double>(HeadSize(config));
  if (config.at("synthesizer") == "dense") {
    tally.Product(Component::kMixing, heads, tally.batch() * n, d_h, n);
    tally.Product(Component::kMixing, tally.batch() * heads, n, n, d_h);
    return;
  }
  if (config.at("synthesizer") == "factorized") {
    tally.Product(Component::kMixing, heads, n, Real(config, "synthesizer_rank"), n);
  }
  tally.Product(Component::kMixing, heads, n, n, tally.batch() * d_h);
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const auto n = static_cast<double>(work.length);
  const double d = Real(config, "hidden_size");
  const double inner = InnerSize(config);
  for (int64_t layer = 0; layer < Int(config, "num_hidden_layers"); ++layer) {
    for (int i = 1; i < Projections(config); ++i) {
      tally.Linear(Component::kProjection, tally.batch() * n, d, inner);
    }
    tally.Linear(Component::kProjection, tally.batch() * n, inner, d);
    Mixing(config, n, tally);
    FeedForwardCost(config, tally.batch() * n, tally);
  }
}

}  // namespace

constinit const Model kSynthesizer = {
    .name = "synthesizer",
    .what = "scores without keys: from each query alone, or learned outright",
    .cost_order = "O(n^2 d + n d^2)",
    .source = "Tay et al., Synthesizer, ICML 2021",
    .keys = kKeys,
    .lengths = kByPositions,
    .rules = {.check = CheckEncoder,
              .limits = EncoderLimits,
              .parameters = Parameters,
              .cost = Cost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
