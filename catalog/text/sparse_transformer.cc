#include <algorithm>
#include <cmath>

#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys =
    Join(EncoderKeys({.is_decoder = "true"}),
         std::array<Key, 4>{
             {{"pattern", "string", R"("fixed")",
               "what a token sees: its block and the last tokens of earlier ones, or its last "
               "tokens and "
               "every stride-th before",
               -1e300, 1e300, "fixed strided"},
              {"block_size", "integer or null", "null",
               "of fixed: tokens of a block; null: the root of the input's length", 1, 1048576},
              {"summary_size", "integer", "4",
               "of fixed: tokens of a block that all later ones see", 1, 1048576},
              {"stride", "integer or null", "null",
               "of strided: the stride; null: the root of the input's length", 1, 1048576}}});

bool IsFixed(const Json& config) { return config.at("pattern") == "fixed"; }

const char* LengthKey(const Json& config) { return IsFixed(config) ? "block_size" : "stride"; }

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  if (auto fault = CheckCausalEncoder(check)) {
    return fault;
  }
  if (auto fault = CheckFits(check, LengthKey(check.config))) {
    return fault;
  }
  const Json& block = check.config.at("block_size");
  const int64_t summary = Int(check.config, "summary_size");
  if (IsFixed(check.config) && check.given.contains("summary_size") && !block.is_null() &&
      summary > block.get<int64_t>()) {
    return ConfigFault{"summary_size", "summary_size " + std::to_string(summary) +
                                           " exceeds block_size " +
                                           std::to_string(block.get<int64_t>()) +
                                           ", of which it is the end; use a smaller one"};
  }
  return std::nullopt;
}

// Block or stride at this length.
int64_t PatternLength(const Json& config, int64_t length) {
  const Json& given = config.at(LengthKey(config));
  const auto root = static_cast<int64_t>(std::sqrt(static_cast<double>(length)));
  return std::clamp<int64_t>(given.is_null() ? root : given.get<int64_t>(), 1, length);
}

void Mixing(const Json& config, int64_t length, CostTally& tally) {
  const double heads = Real(config, "num_attention_heads");
  const auto d_h = static_cast<double>(HeadSize(config));
  const int64_t step = PatternLength(config, length);
  const auto l = static_cast<double>(step);
  const double blocks = static_cast<double>(RoundUp(length, step)) / l;
  const double count = tally.batch() * heads;
  if (blocks == 1) {
    tally.Attention(count, l, l, d_h, d_h);
  } else if (IsFixed(config)) {
    const double summary = std::min(Real(config, "summary_size"), l);
    tally.Attention(count * blocks, l, l, d_h, d_h);
    tally.Attention(count, blocks * l, blocks * summary, d_h, d_h);
  } else {
    tally.Attention(count * blocks, l, 2 * l, d_h, d_h);
    tally.Attention(count * l, blocks, blocks, d_h, d_h);
  }
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  EncoderCost(config, work.length, tally, [&] { Mixing(config, work.length, tally); });
}

// Tokens that the one after `before` others sees, itself included.
int64_t SeenTokens(const Json& config, int64_t before) {
  // While decoding the pattern is that of the longest input.
  const int64_t step = PatternLength(config, Int(config, "max_position_embeddings"));
  if (!IsFixed(config)) {
    const int64_t near = std::min(step, before + 1);
    return before < step ? near : near + (before - step) / step + 1;
  }
  const int64_t blocks = before / step;
  return before + 1 - blocks * step + blocks * std::min(Int(config, "summary_size"), step);
}

void DecodeCost(const Json& config, const Workload& work, CostTally& tally) {
  EncoderDecodeCost(config, tally,
                    [&] { CachedAttentionCost(config, SeenTokens(config, work.length), tally); });
}

}  // namespace

constinit const Model kSparseTransformer = {
    .name = "sparse_transformer",
    .what = "causal attention to a block and to summaries, or to neighbours and a stride",
    .cost_order = "O(n sqrt(n) d + n d^2)",
    .source =
        "Child et al., Generating Long Sequences with Sparse Transformers, 2019 "
        "(arXiv:1904.10509)",
    .decode = true,
    .keys = kKeys,
    .lengths = kByPositions,
    .rules = {.check = Check,
              .limits = EncoderLimits,
              .parameters = EncoderParameters,
              .cost = Cost,
              .decode_cost = DecodeCost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
