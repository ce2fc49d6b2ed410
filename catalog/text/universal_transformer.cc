#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys = Join(
    EncoderKeys({}),
    std::array<Key, 2>{{{"act", "boolean", "false",
                         "each token stops when its halting probabilities add up to act_threshold"},
                        {"act_threshold", "number", "0.99", "see act", 1e-6, 1.0}}});

// One layer, and with act a halting unit.
double Parameters(const Json& config) {
  Json one = config;
  one["num_hidden_layers"] = 1;
  const double halting = Flag(config, "act") ? Real(config, "hidden_size") + 1 : 0;
  return EncoderParameters(one) + halting;
}

// With act an upper bound: no token stops before the last step.
void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double rows = tally.batch() * static_cast<double>(work.length);
  EncoderCost(config, work.length, tally, [&] {
    PlainAttentionCost(config, work.length, tally);
    if (Flag(config, "act")) {
      tally.Linear(Component::kOther, rows, Real(config, "hidden_size"), 1);
    }
  });
}

}  // namespace

constinit const Model kUniversalTransformer = {
    .name = "universal_transformer",
    .what = "one layer again and again, num_hidden_layers times",
    .cost_order = "O(n^2 d + n d^2)",
    .source = "Dehghani et al., Universal Transformers, ICLR 2019",
    .attention_backends = true,
    .keys = kKeys,
    .lengths = kByPositions,
    .rules = {.check = CheckEncoder,
              .limits = EncoderLimits,
              .parameters = Parameters,
              .cost = Cost,
              .axes = {.set_layers = SetHiddenLayers,
                       .prune = PruneEncoder,
                       .no_share_layers = "it has one layer alone"}},
};

}  // namespace cusp::catalog
