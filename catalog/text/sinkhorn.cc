#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys =
    Join(EncoderKeys({}),
         std::array<Key, 3>{{{"block_size", "integer", "64", "tokens of a block", 1, 1048576},
                             {"temperature", "number", "0.75",
                              "of the sorting scores, before they are balanced", 1e-3, 1e3},
                             {"sinkhorn_iterations", "integer", "7",
                              "times that rows and columns are balanced", 0, 1000}}});

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double heads = Real(config, "num_attention_heads");
  const auto d_h = static_cast<double>(HeadSize(config));
  const double block = Real(config, "block_size");
  const int64_t tokens = RoundUp(work.length, BlockSize(config));
  const double blocks = static_cast<double>(tokens) / block;
  const double count = tally.batch() * heads;
  EncoderCost(config, tokens, tally, [&] {
    tally.Product(Component::kMixing, count, blocks, d_h, blocks);
    tally.Product(Component::kMixing, 2 * count, blocks, blocks, block * d_h);
    tally.Attention(count * blocks, block, 2 * block, d_h, d_h);
  });
}

}  // namespace

constinit const Model kSinkhorn = {
    .name = "sinkhorn",
    .what = "blocks attend to themselves and to a learned, balanced mixture of all blocks",
    .cost_order = "O(n b d + n^2 d / b + n d^2)",
    .source = "Tay et al., Sparse Sinkhorn Attention, ICML 2020",
    .keys = kKeys,
    .padding = "to a multiple of block_size",
    .lengths = kByPositions,
    .rules = {.check = CheckBlocks,
              .quantum = BlockSize,
              .limits = EncoderLimits,
              .parameters = EncoderParameters,
              .cost = Cost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
