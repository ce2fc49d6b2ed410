#include "catalog/sequence/decoder.h"

#include <algorithm>
#include <string>

#include "catalog/sequence/rope.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

bool FlagIfAny(const Json& config, const char* key) {
  return config.contains(key) && Flag(config, key);
}

// Layers over `rows` tokens of the whole batch, in which each group of heads attends in
// `blocks` blocks of `queries` to `keys`.
struct DecoderRun {
  double rows, blocks, queries, keys;
};

void RunCost(const Json& config, const DecoderRun& run, CostTally& tally) {
  const double d = Real(config, "hidden_size");
  const double f = Real(config, "intermediate_size");
  const auto head = static_cast<double>(HeadSize(config));
  const auto groups = static_cast<double>(KeyValueHeads(config));
  const double heads = Real(config, "num_attention_heads");
  for (int64_t layer = 0; layer < Int(config, "num_hidden_layers"); ++layer) {
    tally.Linear(Component::kProjection, run.rows, d, heads * head);
    tally.Linear(Component::kProjection, run.rows, d, groups * head);
    tally.Linear(Component::kProjection, run.rows, d, groups * head);
    // The queries of all heads that share keys meet them in one product.
    tally.Attention(tally.batch() * run.blocks * groups, heads / groups * run.queries, run.keys,
                    head, head);
    tally.Linear(Component::kProjection, run.rows, heads * head, d);
    tally.Linear(Component::kFeedForward, run.rows, d, f);
    tally.Linear(Component::kFeedForward, run.rows, d, f);
    tally.Linear(Component::kFeedForward, run.rows, f, d);
  }
}

}  // namespace

int64_t KeyValueHeads(const Json& config) {
  return config.at("num_key_value_heads").is_null() ? Int(config, "num_attention_heads")
                                                    : Int(config, "num_key_value_heads");
}

int64_t WindowBlock(int64_t window) { return std::clamp<int64_t>(window / 4, 64, 512); }

std::optional<ConfigFault> CheckRotaryHeads(const ConfigCheck& check, int64_t head_size) {
  if (head_size % 2 == 0) {
    return std::nullopt;
  }
  return ConfigFault{check.given.contains("head_dim") ? "head_dim" : "num_attention_heads",
                     "heads of size " + std::to_string(head_size) +
                         " have no pairs of features to rotate; make the size even"};
}

std::optional<ConfigFault> CheckDecoder(const ConfigCheck& check) {
  const Json& config = check.config;
  if (config.at("head_dim").is_null()) {
    if (auto fault = CheckHeads(check)) {
      return fault;
    }
  }
  if (auto fault = CheckRotaryHeads(check, HeadSize(config))) {
    return fault;
  }
  const int64_t heads = Int(config, "num_attention_heads");
  if (heads % KeyValueHeads(config) != 0) {
    return ConfigFault{
        check.given.contains("num_key_value_heads") ? "num_key_value_heads" : "num_attention_heads",
        "num_attention_heads " + std::to_string(heads) +
            " is not a multiple of num_key_value_heads " + std::to_string(KeyValueHeads(config)) +
            "; change one of them"};
  }
  if (auto fault = CheckPad(check)) {
    return fault;
  }
  return CheckRope(config, HeadSize(config));
}

void FinishDecoder(Json& config, bool /*profiling*/) {
  config["num_key_value_heads"] = KeyValueHeads(config);
  config["head_dim"] = HeadSize(config);
  FinishRope(config);
}

void PruneDecoder(Json& config, const Pruning& pruning) {
  const int64_t shared = KeyValueHeads(config);
  const int64_t queries = Int(config, "num_attention_heads") / shared;
  config["head_dim"] = HeadSize(config);
  config["num_key_value_heads"] = pruning.Heads(shared);
  config["num_attention_heads"] = pruning.Heads(shared) * queries;
  config["intermediate_size"] = pruning.Rows(Int(config, "intermediate_size"));
}

LengthLimits DecoderLimits(const Json& config, bool /*profiling*/) {
  const int64_t positions = Int(config, "max_position_embeddings");
  const int64_t reach = RopeReach(config);
  return {.max = reach,
          .max_reason = "its max_position_embeddings is " + std::to_string(positions) +
                        (reach > positions ? ", which rope_type 'dynamic' stretches" : "")};
}

LengthLimits ContextLimits(const Json& config, bool /*profiling*/) {
  const int64_t positions = Int(config, "max_position_embeddings");
  return {.max = positions,
          .max_reason = "its max_position_embeddings is " + std::to_string(positions)};
}

double DecoderParameters(const Json& config) {
  const double d = Real(config, "hidden_size");
  const double f = Real(config, "intermediate_size");
  const auto head = static_cast<double>(HeadSize(config));
  const double queries = Real(config, "num_attention_heads") * head;
  const double keys = static_cast<double>(KeyValueHeads(config)) * head;
  double layer = 2 * d * queries + 2 * d * keys + 3 * d * f + 2 * d;
  layer += FlagIfAny(config, "attention_bias") ? queries + 2 * keys + d : 0;
  layer += FlagIfAny(config, "mlp_bias") ? 2 * f + d : 0;
  return Real(config, "vocab_size") * d + Real(config, "num_hidden_layers") * layer + d;
}

void DecoderCost(const Json& config, int64_t window, CostTally& tally) {
  const int64_t n = tally.work().length;
  const int64_t block = window > 0 && n > window ? WindowBlock(window) : n;
  const int64_t blocks = RoundUp(n, block) / block;
  RunCost(config,
          {.rows = tally.batch() * static_cast<double>(n),
           .blocks = static_cast<double>(blocks),
           .queries = static_cast<double>(block),
           .keys = static_cast<double>(block == n ? n : window + block)},
          tally);
}

void DecoderDecodeCost(const Json& config, int64_t window, CostTally& tally) {
  const int64_t seen = tally.work().length + 1;
  RunCost(config,
          {.rows = tally.batch(),
           .blocks = 1,
           .queries = 1,
           .keys = static_cast<double>(window > 0 ? std::min(window, seen) : seen)},
          tally);
}

}  // namespace cusp::catalog
