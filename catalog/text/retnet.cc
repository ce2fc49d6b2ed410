#include "catalog/builtin_models.h"
#include "catalog/sequence/decoder.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

// The fastest head keeps 31/32 at each step: over longer chunks what is left is less than
// half precision holds.
constexpr Key kChunk = {
    "chunk_size", "integer", "64", "tokens that are taken at once; changes costs alone", 1, 512};

constexpr auto kKeys = Join(EncoderKeys({.is_decoder = "true"}), std::array<Key, 1>{kChunk});

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  if (auto fault = CheckCausalEncoder(check)) {
    return fault;
  }
  return CheckRotaryHeads(check, HeadSize(check.config));
}

// A layer's output gate is one more projection.
double Parameters(const Json& config) {
  const double gate = (Real(config, "hidden_size") + 1) * InnerSize(config);
  return EncoderParameters(config) + Real(config, "num_hidden_layers") * gate;
}

// Of one layer over `rows` tokens of the whole batch.
void GateCost(const Json& config, double rows, CostTally& tally) {
  tally.Linear(Component::kProjection, rows, Real(config, "hidden_size"), InnerSize(config));
}

}  // namespace

constinit const Model kRetnet = {
    .name = "retnet",
    .what = "linear attention whose state forgets at a fixed rate, one for each head",
    .cost_order = "O(n d^2 / h + n d^2)",
    .source =
        "Sun et al., Retentive Network: A Successor to Transformer for Large Language "
        "Models, 2023 (arXiv:2307.08621)",
    .decode = true,
    .keys = kKeys,
    .lengths = kByPositions,
    .rules = GatedRecurrenceRules<GateCost>(Parameters, Check),
};

}  // namespace cusp::catalog
