#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys = Join(
    EncoderKeys({}), std::array<Key, 2>{{{"slots", "integer", "32",
                                          "memory slots that keys and queries speak of", 1, 1e6},
                                         ChunkKey("64")}});

// Features of the queries of all heads: keys have no heads.
double QuerySize(const Json& config) {
  return Real(config, "num_attention_heads") * Real(config, "slots");
}

double Parameters(const Json& config) {
  const double d = Real(config, "hidden_size");
  const double narrow = QuerySize(config) + Real(config, "slots") - 2 * InnerSize(config);
  return EncoderParameters(config) + Real(config, "num_hidden_layers") * (d + 1) * narrow;
}

// The four projections of one layer over `rows` tokens of the whole batch.
void NarrowProjectionCost(const Json& config, double rows, CostTally& tally) {
  const double d = Real(config, "hidden_size");
  tally.Linear(Component::kProjection, rows, d, QuerySize(config));
  tally.Linear(Component::kProjection, rows, d, Real(config, "slots"));
  tally.Linear(Component::kProjection, rows, d, InnerSize(config));
  tally.Linear(Component::kProjection, rows, InnerSize(config), d);
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double inner = InnerSize(config);
  const double slots = Real(config, "slots");
  const auto n = static_cast<double>(work.length);
  const double rows = tally.batch() * n;
  for (int64_t layer = 0; layer < Int(config, "num_hidden_layers"); ++layer) {
    NarrowProjectionCost(config, rows, tally);
    if (Flag(config, "is_decoder")) {
      RecurrenceCost(tally.batch(), work.length, Int(config, "chunk_size"), slots, inner, tally);
    } else {
      tally.Product(Component::kMixing, tally.batch(), slots, n, inner);
      tally.Product(Component::kMixing, tally.batch(), n, slots, inner);
    }
    FeedForwardCost(config, rows, tally);
  }
}

void DecodeCost(const Json& config, const Workload& /*work*/, CostTally& tally) {
  for (int64_t layer = 0; layer < Int(config, "num_hidden_layers"); ++layer) {
    NarrowProjectionCost(config, tally.batch(), tally);
    RecurrenceStepCost(tally.batch(), Real(config, "slots"), InnerSize(config), tally);
    FeedForwardCost(config, tally.batch(), tally);
  }
}

}  // namespace

constinit const Model kMemsizer = {
    .name = "memsizer",
    .what = "a memory of a few slots, unnormalised, that all heads share",
    .cost_order = "O(n k d + n d^2)",
    .source = "Zhang and Cai, Linearizing Transformer with Key-Value Memory, EMNLP 2022",
    .decode = true,
    .keys = kKeys,
    .lengths = kByPositions,
    .rules = {.check = CheckEncoder,
              .limits = EncoderLimits,
              .parameters = Parameters,
              .cost = Cost,
              .decode_cost = DecodeCost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
