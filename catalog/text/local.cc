#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys =
    Join(EncoderKeys({}),
         std::array<Key, 1>{{{"block_size", "integer", "128",
                              "tokens of a block, which attend to one another", 1, 1048576}}});

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double heads = Real(config, "num_attention_heads");
  const auto head_size = static_cast<double>(HeadSize(config));
  const double block = Real(config, "block_size");
  const int64_t tokens = RoundUp(work.length, BlockSize(config));
  const double blocks = static_cast<double>(tokens) / block;
  EncoderCost(config, tokens, tally, [&] {
    tally.Attention(tally.batch() * heads * blocks, block, block, head_size, head_size);
  });
}

}  // namespace

constinit const Model kLocal = {
    .name = "local",
    .what = "attention inside contiguous blocks",
    .cost_order = "O(n b d + n d^2)",
    .source =
        "the baseline 'local attention' of Tay et al., Long Range Arena, 2020 (arXiv:2011.04006)",
    .attention_backends = true,
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
