#include "catalog/text/reformer_cost.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <string>

#include "catalog/config_values.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

// Of the kinds of layers that there are.
std::vector<int64_t> ChunkLengths(const Json& config) {
  std::vector<int64_t> lengths;
  if (ReformerHas(config, "lsh")) {
    lengths.push_back(Int(config, "lsh_attn_chunk_length"));
  }
  if (ReformerHas(config, "local")) {
    lengths.push_back(Int(config, "local_attn_chunk_length"));
  }
  return lengths;
}

double PositionParameters(const Json& config) {
  if (!Flag(config, "axial_pos_embds")) {
    return Real(config, "max_position_embeddings") * Real(config, "hidden_size");
  }
  double sum = 0;
  for (size_t axis = 0; axis < 2; ++axis) {
    sum += static_cast<double>(ReformerGrid(config)[axis]) *
           static_cast<double>(ReformerGridSizes(config)[axis]);
  }
  return sum;
}

double Projections(const Json& kind) { return kind == "lsh" ? 3 : 4; }

// Chunks of queries meeting theirs and the neighbours' keys; short inputs are one chunk.
void ChunkCost(const Json& config, const std::string& kind, double rounds, int64_t tokens,
               CostTally& tally, Gradients gradients) {
  const int64_t chunk = Int(config, (kind + "_attn_chunk_length").c_str());
  const double heads = tally.batch() * Real(config, "num_attention_heads");
  const double head_size = Real(config, "attention_head_size");
  double count = heads;
  auto queries = static_cast<double>(tokens);
  double keys = queries;
  if (tokens > chunk) {
    const int64_t chunks = tokens / chunk;
    queries = static_cast<double>(chunk);
    count = heads * rounds * static_cast<double>(chunks);
    keys = queries * (Real(config, (kind + "_num_chunks_before").c_str()) + 1 +
                      Real(config, (kind + "_num_chunks_after").c_str()));
  }
  tally.Product(Component::kMixing, count, queries, head_size, keys, gradients);
  tally.Product(Component::kMixing, count, queries, keys, head_size, gradients);
}

void LayerCost(const Json& config, const std::string& kind, int64_t tokens, CostTally& tally,
               Gradients gradients) {
  const double d = Real(config, "hidden_size");
  const double f = Real(config, "feed_forward_size");
  const double inner = Real(config, "num_attention_heads") * Real(config, "attention_head_size");
  const double rows = tally.batch() * static_cast<double>(tokens);
  for (int i = 1; i < static_cast<int>(Projections(kind)); ++i) {
    tally.Linear(Component::kProjection, rows, d, inner, gradients);
  }
  ChunkCost(config, kind, kind == "lsh" ? Real(config, "num_hashes") : 1, tokens, tally, gradients);
  tally.Linear(Component::kProjection, rows, inner, d, gradients);
  tally.Linear(Component::kFeedForward, rows, d, f, gradients);
  tally.Linear(Component::kFeedForward, rows, f, d, gradients);
}

// Directions that the queries of one layer are measured along, to be hashed.
void HashCost(const Json& config, int64_t tokens, CostTally& tally) {
  if (tokens <= Int(config, "lsh_attn_chunk_length")) {
    return;
  }
  const std::vector<int64_t> buckets = ReformerBuckets(config, tokens);
  const auto pairs =
      static_cast<double>(std::accumulate(buckets.begin(), buckets.end(), int64_t{0})) / 2;
  tally.Product(Component::kMixing, tally.batch() * Real(config, "num_attention_heads"),
                static_cast<double>(tokens), Real(config, "attention_head_size"),
                Real(config, "num_hashes") * pairs, Gradients::kNone);
}

}  // namespace

bool ReformerHas(const Json& config, const char* kind) {
  const Json& layers = config.at("attn_layers");
  return std::find(layers.begin(), layers.end(), kind) != layers.end();
}

int64_t ReformerQuantum(const Json& config) {
  const std::vector<int64_t> lengths = ChunkLengths(config);
  return std::min(std::lcm(lengths.front(), lengths.back()), kMostReformerPadding + 1);
}

std::vector<int64_t> ReformerBuckets(const Json& config, int64_t tokens) {
  const Json& given = config.at("num_buckets");
  if (given.is_array()) {
    return given.get<std::vector<int64_t>>();
  }
  if (!given.is_null()) {
    return {given.get<int64_t>()};
  }
  // Twice as many as chunks, rounded down to a power of two, in two factors once they are
  // many.
  const int64_t chunk = Int(config, "lsh_attn_chunk_length");
  const auto power =
      static_cast<int>(std::bit_width(static_cast<uint64_t>(2 * (tokens / chunk)))) - 1;
  const int64_t buckets = int64_t{1} << power;
  const int64_t chunks_at_most = Int(config, "max_position_embeddings") / chunk;
  const double root = std::sqrt(static_cast<double>(chunks_at_most));
  const int64_t most = 2 * std::max(static_cast<int64_t>(root), chunk);
  if (buckets <= most) {
    return {buckets};
  }
  return {int64_t{1} << (power / 2), int64_t{1} << (power - power / 2)};
}

int64_t ReformerTokens(const Json& config, int64_t length) {
  const std::vector<int64_t> lengths = ChunkLengths(config);
  return length > *std::min_element(lengths.begin(), lengths.end())
             ? RoundUp(length, ReformerQuantum(config))
             : length;
}

std::vector<int64_t> ReformerGrid(const Json& config) {
  if (config.contains("axial_pos_shape")) {
    return config.at("axial_pos_shape").get<std::vector<int64_t>>();
  }
  const int64_t positions = Int(config, "max_position_embeddings");
  int64_t columns = 1;
  while (columns * columns < positions) {
    columns *= 2;
  }
  return {RoundUp(positions, columns) / columns, columns};
}

std::vector<int64_t> ReformerGridSizes(const Json& config) {
  if (config.contains("axial_pos_embds_dim")) {
    return config.at("axial_pos_embds_dim").get<std::vector<int64_t>>();
  }
  const int64_t size = Int(config, "hidden_size");
  const int64_t row = std::max<int64_t>(size / 4, 1);
  return {row, size - row};
}

double ReformerParameters(const Json& config) {
  const double d = Real(config, "hidden_size");
  const double f = Real(config, "feed_forward_size");
  const double inner = Real(config, "num_attention_heads") * Real(config, "attention_head_size");
  double sum = Real(config, "vocab_size") * d + PositionParameters(config) + 4 * d;
  for (const Json& kind : config.at("attn_layers")) {
    sum += Projections(kind) * d * inner + 2 * d * f + f + d + 4 * d;
  }
  return sum;
}

void ReformerCost(const Json& config, const Workload& work, CostTally& tally) {
  const int64_t tokens = ReformerTokens(config, work.length);
  for (const Json& kind : config.at("attn_layers")) {
    LayerCost(config, kind, tokens, tally, Gradients::kBoth);
    if (work.pass == Pass::kTraining) {
      LayerCost(config, kind, tokens, tally, Gradients::kNone);
    }
    if (kind == "lsh") {
      HashCost(config, tokens, tally);
    }
  }
}

}  // namespace cusp::catalog
