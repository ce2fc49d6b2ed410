#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys =
    Join(EncoderKeys({.hidden_act = R"("gelu_new")"}),
         std::array<Key, 5>{
             {{"attention_type", "string", R"("block_sparse")",
               "the sparse pattern, or plain attention at every length", -1e300, 1e300,
               "block_sparse original_full"},
              {"block_size", "integer", "64", "tokens of a block, in which all see the same", 1,
               1048576},
              {"num_random_blocks", "integer", "3",
               "random blocks that a block sees, besides itself, its neighbours, the first and the "
               "last",
               0, 1e4},
              {"use_bias", "boolean", "true", "biases in the query, key and value projections"},
              {"rescale_embeddings", "boolean", "false",
               "token embeddings times the root of hidden_size"}}});

constexpr std::array<Size, 2> kSizes = {{
    {"bigbird-roberta-base", R"({"vocab_size": 50358, "max_position_embeddings": 4096})"},
    {"bigbird-roberta-large",
     R"({"vocab_size": 50358, "hidden_size": 1024, "num_hidden_layers": 24,
         "num_attention_heads": 16, "intermediate_size": 4096, "max_position_embeddings": 4096})"},
}};

bool IsSparse(const Json& config) { return config.at("attention_type") == "block_sparse"; }

// The longest input that gets plain attention: in fewer blocks there would be no room
// for the random ones.
int64_t LongestFull(const Json& config) {
  return (5 + 2 * Int(config, "num_random_blocks")) * Int(config, "block_size");
}

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  if (auto fault = CheckEncoder(check)) {
    return fault;
  }
  return IsSparse(check.config) ? CheckFits(check, "block_size") : std::nullopt;
}

int64_t Padding(const Json& config) { return IsSparse(config) ? Int(config, "block_size") : 1; }

double Parameters(const Json& config) {
  const double biases = 3 * InnerSize(config) * Real(config, "num_hidden_layers");
  return EncoderParameters(config) - (Flag(config, "use_bias") ? 0 : biases);
}

// The first and the last block see everything; the blocks beside them already have one of
// those two for a neighbour.
void SparseCost(const Json& config, int64_t tokens, CostTally& tally) {
  const double heads = Real(config, "num_attention_heads");
  const auto head_size = static_cast<double>(HeadSize(config));
  const double block = Real(config, "block_size");
  const double random = Real(config, "num_random_blocks");
  const auto n = static_cast<double>(tokens);
  const double count = tally.batch() * heads;
  tally.Attention(count, 2 * block, n, head_size, head_size);
  tally.Attention(count * 2, block, (4 + random) * block, head_size, head_size);
  tally.Attention(count * (n / block - 4), block, (5 + random) * block, head_size, head_size);
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  if (!IsSparse(config) || work.length <= LongestFull(config)) {
    PlainEncoderCost(config, work, tally);
    return;
  }
  const int64_t tokens = RoundUp(work.length, Int(config, "block_size"));
  EncoderCost(config, tokens, tally, [&] { SparseCost(config, tokens, tally); });
}

}  // namespace

constinit const Model kBigBird = {
    .name = "big_bird",
    .what = "blocks that see their neighbours, the first and last block, and random ones",
    .cost_order = "O(n r b d + n d^2)",
    .source = "Zaheer et al., Big Bird, NeurIPS 2020",
    .attention_backends = true,
    .keys = kKeys,
    .sizes = kSizes,
    .padding = "to a multiple of block_size, beyond (5 + 2 num_random_blocks) block_size tokens",
    .lengths =
        "1 to max_position_embeddings, its table of positions; up to (5 + 2 num_random_blocks) "
        "block_size tokens it computes plain attention, as the reference does, so there it costs "
        "what bert costs",
    .rules = {.check = Check,
              .quantum = Padding,
              .limits = EncoderLimits,
              .parameters = Parameters,
              .cost = Cost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
