#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys = Join(
    EncoderKeys({}),
    std::array<Key, 1>{
        {{"rank", "integer", "64", "features between the two factors of every matrix", 1, 1e6}}});

// Every matrix of a layer, as [in, out]: four projections and the feed-forward part.
struct Matrix {
  Component component;
  double in, out;
};

std::array<Matrix, 6> Matrices(const Json& config) {
  const double d = Real(config, "hidden_size");
  const double f = Real(config, "intermediate_size");
  const double i = InnerSize(config);
  constexpr Component kP = Component::kProjection;
  constexpr Component kF = Component::kFeedForward;
  return {{{kP, d, i}, {kP, d, i}, {kP, d, i}, {kP, i, d}, {kF, d, f}, {kF, f, d}}};
}

double Parameters(const Json& config) {
  double change = 0;
  for (const Matrix& matrix : Matrices(config)) {
    change += Real(config, "rank") * (matrix.in + matrix.out) - matrix.in * matrix.out;
  }
  return EncoderParameters(config) + Real(config, "num_hidden_layers") * change;
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double rows = tally.batch() * static_cast<double>(work.length);
  const double rank = Real(config, "rank");
  for (int64_t layer = 0; layer < Int(config, "num_hidden_layers"); ++layer) {
    for (const Matrix& matrix : Matrices(config)) {
      tally.Linear(matrix.component, rows, matrix.in, rank);
      tally.Linear(matrix.component, rows, rank, matrix.out);
    }
    PlainAttentionCost(config, work.length, tally);
  }
}

}  // namespace

constinit const Model kLrt = {
    .name = "lrt",
    .what = "every matrix of attention and feed-forward in two thin factors",
    .cost_order = "O(n^2 d + n d r)",
    .source =
        "Winata et al., Lightweight and Efficient End-to-End Speech Recognition Using "
        "Low-Rank Transformer, ICASSP 2020",
    .attention_backends = true,
    .keys = kKeys,
    .lengths = kByPositions,
    .rules = {.check = CheckEncoder,
              .limits = EncoderLimits,
              .parameters = Parameters,
              .cost = Cost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
