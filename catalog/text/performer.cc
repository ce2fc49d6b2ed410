#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys =
    Join(EncoderKeys({}), std::array<Key, 1>{{{"num_features", "integer", "256",
                                               "random features of queries and keys", 1, 1e6}}});

// Two feature maps, whose directions have no gradient, then sums and weights of values.
void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double heads = Real(config, "num_attention_heads");
  const auto d_h = static_cast<double>(HeadSize(config));
  const double m = Real(config, "num_features");
  const auto n = static_cast<double>(work.length);
  const double count = tally.batch() * heads;
  EncoderCost(config, work.length, tally, [&] {
    for (int i = 0; i < 2; ++i) {
      tally.Product(Component::kMixing, 1, count * n, d_h, m, Gradients::kOne);
    }
    tally.Product(Component::kMixing, count, m, n, d_h + 1);
    tally.Product(Component::kMixing, count, n, m, d_h + 1);
  });
}

}  // namespace

constinit const Model kPerformer = {
    .name = "performer",
    .what = "softmax kernel by positive orthogonal random features",
    .cost_order = "O(n m d + n d^2)",
    .source = "Choromanski et al., Rethinking Attention with Performers, ICLR 2021",
    .keys = kKeys,
    .lengths = kByPositions,
    .rules = {.check = CheckEncoder,
              .limits = EncoderLimits,
              .parameters = EncoderParameters,
              .cost = Cost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
