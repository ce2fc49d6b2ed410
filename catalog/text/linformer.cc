#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys = Join(
    EncoderKeys({}), std::array<Key, 1>{{{"linformer_k", "integer", "256",
                                          "rows that keys and values are projected to", 1, 1e6}}});

// E and F, of each layer.
double Parameters(const Json& config) {
  return EncoderParameters(config) + 2 * Real(config, "num_hidden_layers") *
                                         Real(config, "max_position_embeddings") *
                                         Real(config, "linformer_k");
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double heads = Real(config, "num_attention_heads");
  const double inner = InnerSize(config);
  const double k = Real(config, "linformer_k");
  const auto n = static_cast<double>(work.length);
  EncoderCost(config, work.length, tally, [&] {
    tally.Product(Component::kMixing, 2 * tally.batch(), k, n, inner);
    tally.Attention(tally.batch() * heads, n, k, inner / heads, inner / heads);
  });
}

}  // namespace

constinit const Model kLinformer = {
    .name = "linformer",
    .what = "keys and values projected to k rows",
    .cost_order = "O(n k d + n d^2)",
    .source = "Wang et al., Linformer, 2020 (arXiv:2006.04768)",
    .keys = kKeys,
    .lengths = kByPositions,
    .rules = {.check = CheckEncoder,
              .limits = EncoderLimits,
              .parameters = Parameters,
              .cost = Cost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
