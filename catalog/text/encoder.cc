#include "catalog/text/encoder.h"

#include <algorithm>

namespace cusp::catalog {

using Json = nlohmann::json;

std::optional<ConfigFault> CheckHeads(const ConfigCheck& check, const char* hidden_key,
                                      const char* heads_key) {
  const int64_t hidden = Int(check.config, hidden_key);
  const int64_t heads = Int(check.config, heads_key);
  if (hidden % heads == 0) {
    return std::nullopt;
  }
  const std::string hidden_name = hidden_key;
  const std::string heads_name = heads_key;
  return ConfigFault{check.given.contains(heads_name) ? heads_name : hidden_name,
                     hidden_name + " " + std::to_string(hidden) + " is not a multiple of " +
                         heads_name + " " + std::to_string(heads) + "; change one of them"};
}

std::optional<ConfigFault> CheckPad(const ConfigCheck& check) {
  const Json& pad = check.config.at("pad_token_id");
  const int64_t vocabulary = Int(check.config, "vocab_size");
  if (pad.is_null() || pad.get<int64_t>() < vocabulary) {
    return std::nullopt;
  }
  return ConfigFault{check.given.contains("pad_token_id") ? "pad_token_id" : "vocab_size",
                     "pad_token_id " + pad.dump() + " lies outside the vocabulary of " +
                         std::to_string(vocabulary) + "; use 0 to " +
                         std::to_string(vocabulary - 1)};
}

std::optional<ConfigFault> CheckEncoder(const ConfigCheck& check) {
  if (auto fault = CheckHeads(check)) {
    return fault;
  }
  if (auto fault = CheckPad(check)) {
    return fault;
  }
  if (Flag(check.config, "is_decoder") && !check.model.decode) {
    return ConfigFault{"is_decoder", std::string(check.model.name) +
                                         " is an encoder only; leave is_decoder out or set it "
                                         "false"};
  }
  return std::nullopt;
}

std::optional<ConfigFault> CheckCausalEncoder(const ConfigCheck& check) {
  if (!Flag(check.config, "is_decoder")) {
    return ConfigFault{"is_decoder", std::string(check.model.name) +
                                         " is causal by definition; leave is_decoder out or set it "
                                         "true"};
  }
  return CheckEncoder(check);
}

std::optional<ConfigFault> CheckFits(const ConfigCheck& check, const char* key) {
  if (!check.profiling || !check.given.contains(key) || check.given.at(key).is_null()) {
    return std::nullopt;
  }
  int64_t allowed = check.longest;
  if (check.given.contains("max_position_embeddings")) {
    allowed = std::max(allowed, Int(check.given, "max_position_embeddings"));
  }
  const int64_t value = Int(check.given, key);
  if (value <= allowed) {
    return std::nullopt;
  }
  return ConfigFault{key, std::string(key) + " " + std::to_string(value) + " is larger than " +
                              std::to_string(allowed) +
                              ", the longest input; use a smaller one or raise lengths.max"};
}

std::optional<ConfigFault> CheckBlocks(const ConfigCheck& check) {
  if (auto fault = CheckEncoder(check)) {
    return fault;
  }
  return CheckFits(check, "block_size");
}

int64_t BlockSize(const Json& config) { return Int(config, "block_size"); }

std::string PositionReason(int64_t tokens) {
  return "its max_position_embeddings holds positions for " + std::to_string(tokens) + " tokens";
}

LengthLimits EncoderLimits(const Json& config, bool /*profiling*/) {
  const int64_t positions = Int(config, "max_position_embeddings");
  return {.max = positions, .max_reason = PositionReason(positions)};
}

int64_t PositionsAfterPadding(const Json& config, int64_t length) {
  return length + Int(config, "pad_token_id") + 1;
}

LengthLimits LimitsAfterPadding(const Json& config, bool /*profiling*/) {
  const int64_t tokens = Int(config, "max_position_embeddings") - Int(config, "pad_token_id") - 1;
  return {.max = tokens,
          .max_reason = PositionReason(tokens) + ", the first being pad_token_id + 1"};
}

int64_t HeadSize(const Json& config) {
  const auto given = config.find("head_dim");
  return given == config.end() || given->is_null()
             ? Int(config, "hidden_size") / Int(config, "num_attention_heads")
             : given->get<int64_t>();
}

double InnerSize(const Json& config) {
  return config.contains("num_attention_heads")
             ? Real(config, "num_attention_heads") * static_cast<double>(HeadSize(config))
             : Real(config, "hidden_size");
}

void PruneEncoder(Json& config, const Pruning& pruning) {
  if (config.contains("num_attention_heads")) {
    config["head_dim"] = HeadSize(config);
    config["num_attention_heads"] = pruning.Heads(Int(config, "num_attention_heads"));
  }
  config["intermediate_size"] = pruning.Rows(Int(config, "intermediate_size"));
}

double EncoderLayerParameters(const Json& config) {
  const double d = Real(config, "hidden_size");
  const double f = Real(config, "intermediate_size");
  const double inner = InnerSize(config);
  return 4 * d * inner + 3 * inner + d + 2 * d * f + f + d + 4 * d;
}

double EmbeddingParameters(const Json& config) {
  const double rows = Real(config, "vocab_size") + Real(config, "max_position_embeddings") +
                      Real(config, "type_vocab_size") + 2;
  return rows * Real(config, "hidden_size");
}

double EncoderParameters(const Json& config) {
  return EmbeddingParameters(config) +
         Real(config, "num_hidden_layers") * EncoderLayerParameters(config);
}

void ProjectionCost(const Json& config, double rows, CostTally& tally) {
  const double d = Real(config, "hidden_size");
  const double inner = InnerSize(config);
  for (int i = 0; i < 3; ++i) {
    tally.Linear(Component::kProjection, rows, d, inner);
  }
  tally.Linear(Component::kProjection, rows, inner, d);
}

void FeedForwardCost(const Json& config, double rows, CostTally& tally) {
  const double d = Real(config, "hidden_size");
  const double f = Real(config, "intermediate_size");
  tally.Linear(Component::kFeedForward, rows, d, f);
  tally.Linear(Component::kFeedForward, rows, f, d);
}

void EncoderCost(const Json& config, int64_t tokens, CostTally& tally,
                 const std::function<void()>& mixing) {
  const double rows = tally.batch() * static_cast<double>(tokens);
  for (int64_t layer = 0; layer < Int(config, "num_hidden_layers"); ++layer) {
    ProjectionCost(config, rows, tally);
    mixing();
    FeedForwardCost(config, rows, tally);
  }
}

void RecurrenceCost(double count, int64_t tokens, int64_t chunk, double keys, double values,
                    CostTally& tally) {
  // Chunks are even: the last is filled up with fewer tokens than there are chunks.
  const int64_t chunks = (tokens + chunk - 1) / chunk;
  const int64_t longest = (tokens + chunks - 1) / chunks;
  const auto size = static_cast<double>(longest);
  const double all = count * static_cast<double>(chunks);
  tally.Product(Component::kMixing, all, size, keys, size);
  tally.Product(Component::kMixing, all, size, size, values);
  if (chunks > 1) {
    tally.Product(Component::kMixing, all, keys, size, values);
    tally.Product(Component::kMixing, all, size, keys, values);
  }
}

void GatedRecurrenceCost(const Json& config, AddGateCost gate, CostTally& tally) {
  const int64_t tokens = tally.work().length;
  const double heads = Real(config, "num_attention_heads");
  const auto head_size = static_cast<double>(HeadSize(config));
  EncoderCost(config, tokens, tally, [&] {
    gate(config, tally.batch() * static_cast<double>(tokens), tally);
    RecurrenceCost(tally.batch() * heads, tokens, Int(config, "chunk_size"), head_size, head_size,
                   tally);
  });
}

void GatedRecurrenceDecodeCost(const Json& config, AddGateCost gate, CostTally& tally) {
  const double heads = Real(config, "num_attention_heads");
  const auto head_size = static_cast<double>(HeadSize(config));
  EncoderDecodeCost(config, tally, [&] {
    gate(config, tally.batch(), tally);
    RecurrenceStepCost(tally.batch() * heads, head_size, head_size, tally);
  });
}

void PlainAttentionCost(const Json& config, int64_t tokens, CostTally& tally) {
  const double heads = Real(config, "num_attention_heads");
  const auto head_size = static_cast<double>(HeadSize(config));
  const auto n = static_cast<double>(tokens);
  tally.Attention(tally.batch() * heads, n, n, head_size, head_size);
}

void EncoderDecodeCost(const Json& config, CostTally& tally, const std::function<void()>& mixing) {
  EncoderCost(config, /*tokens=*/1, tally, mixing);
}

void CachedAttentionCost(const Json& config, int64_t keys, CostTally& tally) {
  const double heads = Real(config, "num_attention_heads");
  const double head_size = InnerSize(config) / heads;
  tally.Attention(tally.batch() * heads, 1, static_cast<double>(keys), head_size, head_size);
}

void PlainEncoderDecodeCost(const Json& config, const Workload& work, CostTally& tally) {
  EncoderDecodeCost(config, tally, [&] { CachedAttentionCost(config, work.length + 1, tally); });
}

void RecurrenceStepCost(double count, double keys, double values, CostTally& tally) {
  tally.Product(Component::kMixing, count, 1, keys, values);
}

void PlainEncoderCost(const Json& config, const Workload& work, CostTally& tally) {
  EncoderCost(config, work.length, tally, [&] { PlainAttentionCost(config, work.length, tally); });
}

}  // namespace cusp::catalog
