#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

// Longer chunks would need exponents beyond what a float holds.
constexpr Key kChunk = {
    "chunk_size", "integer", "16", "tokens that are taken at once; changes costs alone", 1, 16};

constexpr auto kKeys =
    Join(EncoderKeys({.is_decoder = "true"}),
         std::array<Key, 2>{{{"gate_rank", "integer", "16",
                              "features between the two factors of the decay's matrix", 1, 1e6},
                             kChunk}});

// A layer's output gate, and its decay in two factors.
double Parameters(const Json& config) {
  const double d = Real(config, "hidden_size");
  const double inner = InnerSize(config);
  const double decay = Real(config, "gate_rank") * (d + inner) + inner;
  return EncoderParameters(config) +
         Real(config, "num_hidden_layers") * (d * inner + inner + decay);
}

// Of one layer over `rows` tokens of the whole batch.
void GateCost(const Json& config, double rows, CostTally& tally) {
  const double d = Real(config, "hidden_size");
  const double rank = Real(config, "gate_rank");
  const double inner = InnerSize(config);
  tally.Linear(Component::kProjection, rows, d, inner);
  tally.Linear(Component::kProjection, rows, d, rank);
  tally.Linear(Component::kProjection, rows, rank, inner);
}

}  // namespace

constinit const Model kGla = {
    .name = "gla",
    .what = "linear attention whose state forgets by what it reads, feature by feature",
    .cost_order = "O(n d^2 / h + n d^2)",
    .source =
        "Yang et al., Gated Linear Attention Transformers with Hardware-Efficient Training, "
        "ICML 2024",
    .decode = true,
    .keys = kKeys,
    .lengths = kByPositions,
    .rules = GatedRecurrenceRules<GateCost>(Parameters),
};

}  // namespace cusp::catalog
