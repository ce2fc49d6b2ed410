#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys = Join(EncoderKeys({}), std::array<Key, 1>{{ChunkKey("64")}});

// A last column of the values adds up the weights.
void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double heads = Real(config, "num_attention_heads");
  const auto d_h = static_cast<double>(HeadSize(config));
  const auto n = static_cast<double>(work.length);
  const double count = tally.batch() * heads;
  EncoderCost(config, work.length, tally, [&] {
    if (Flag(config, "is_decoder")) {
      RecurrenceCost(count, work.length, Int(config, "chunk_size"), d_h, d_h + 1, tally);
      return;
    }
    tally.Product(Component::kMixing, count, d_h, n, d_h + 1);
    tally.Product(Component::kMixing, count, n, d_h, d_h + 1);
  });
}

void DecodeCost(const Json& config, const Workload& /*work*/, CostTally& tally) {
  const double heads = Real(config, "num_attention_heads");
  const double d_h = InnerSize(config) / heads;
  EncoderDecodeCost(config, tally,
                    [&] { RecurrenceStepCost(tally.batch() * heads, d_h, d_h + 1, tally); });
}

}  // namespace

constinit const Model kLinearTransformer = {
    .name = "linear_transformer",
    .what = "feature map elu + 1 in place of the softmax",
    .cost_order = "O(n d^2 / h + n d^2)",
    .source = "Katharopoulos et al., Transformers are RNNs, ICML 2020",
    .decode = true,
    .keys = kKeys,
    .lengths = kByPositions,
    .rules = {.check = CheckEncoder,
              .limits = EncoderLimits,
              .parameters = EncoderParameters,
              .cost = Cost,
              .decode_cost = DecodeCost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
