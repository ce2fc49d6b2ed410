#include <algorithm>
#include <string>
#include <vector>

#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"
#include "catalog/text/reformer_cost.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr std::array<Key, 28> kKeys = {{
    {"vocab_size", "integer", "30522", "entries of the token embedding", 4, 1e8},
    {"hidden_size", "integer", "256", "features of a token; the output has twice as many", 1, 1e6},
    {"attn_layers", "string list", R"(["local", "lsh", "local", "lsh", "local", "lsh"])",
     "attention of each layer: hashed (lsh) or of neighbouring chunks (local)", -1e300, 1e300,
     "local lsh"},
    {"num_attention_heads", "integer", "12", "attention heads of a layer", 1, 1e5},
    {"attention_head_size", "integer", "64", "features of a head", 1, 1e5},
    {"feed_forward_size", "integer", "512", "features inside the feed-forward part", 1, 1e7},
    {"hidden_act", "string", R"("relu")", "activation of the feed-forward part", -1e300, 1e300,
     kActivations},
    {"max_position_embeddings", "integer", "",
     "positions; derived from the job's longest length unless set", 1, 1e8},
    {"axial_pos_embds", "boolean", "true", "positions by row and column of a grid"},
    {"axial_pos_shape", "integer list", "",
     "rows and columns of that grid; derived from max_position_embeddings unless set", 1, 1e8},
    {"axial_pos_embds_dim", "integer list", "",
     "features for row and column, together hidden_size; a quarter and the rest unless set", 1,
     1e6},
    {"axial_norm_std", "number", "1.0", "standard deviation of random axial positions", 1e-12,
     10.0},
    {"lsh_attn_chunk_length", "integer or null", "64", "of lsh: tokens of a chunk", 1, 1048576},
    {"lsh_num_chunks_before", "integer or null", "1", "of lsh: chunks before it that it sees", 0,
     1024},
    {"lsh_num_chunks_after", "integer or null", "0", "of lsh: chunks after it that it sees", 0,
     1024},
    {"num_hashes", "integer", "1", "of lsh: rounds of hashing", 1, 1024},
    {"num_buckets", "integer or list or null", "null",
     "of lsh: buckets of a round, even, or factors of their number; null: follows the input's "
     "length",
     2, 1048576},
    {"hash_seed", "integer or null", "null",
     "of lsh: seed of the hashes of every layer; null: each layer has its own", -9e15, 9e15},
    {"local_attn_chunk_length", "integer", "64", "of local: tokens of a chunk", 1, 1048576},
    {"local_num_chunks_before", "integer", "1", "of local: chunks before it that it sees", 0, 1024},
    {"local_num_chunks_after", "integer", "0", "of local: chunks after it that it sees", 0, 1024},
    {"layer_norm_eps", "number", "1e-12", "added to variances", 1e-30, 1.0},
    {"pad_token_id", "integer or null", "0", "token that marks padding", -1, 1e8},
    {"initializer_range", "number", "0.02", "standard deviation of random weights", 1e-12, 10.0},
    {"hidden_dropout_prob", "number", "0.0",
     "dropout after embeddings and projections, in training", 0.0, 0.99},
    {"lsh_attention_probs_dropout_prob", "number or null", "0.0",
     "of lsh: dropout on attention, in training", 0.0, 0.99},
    {"local_attention_probs_dropout_prob", "number", "0.0",
     "of local: dropout on attention, in training", 0.0, 0.99},
    {"is_decoder", "boolean", "false", "causal attention"},
}};

// Of published files: what follows from other keys, what the output layer does, and keys
// of the first versions.
constexpr std::array<InertKey, 8> kInertKeys = {{
    {"attention_probs_dropout_prob"},
    {"chunk_size_lm_head"},
    {"intermediate_size"},
    {"num_chunks_after"},
    {"num_chunks_before"},
    {"num_hidden_layers"},
    {"seed"},
    {"sinusoidal_pos_embds", "false"},
}};

constexpr std::array<Size, 2> kSizes = {{
    {"reformer-crime-and-punishment",
     R"({"vocab_size": 320, "num_attention_heads": 2, "max_position_embeddings": 524288,
         "axial_pos_shape": [512, 1024], "axial_pos_embds_dim": [64, 192],
         "num_buckets": [64, 128], "is_decoder": true})"},
    {"reformer-enwik8",
     R"({"vocab_size": 258, "hidden_size": 1024, "num_attention_heads": 8,
         "attention_head_size": 128, "feed_forward_size": 4096,
         "attn_layers": ["local", "local", "lsh", "local", "local", "local", "lsh", "local",
                         "local", "local", "lsh", "local"],
         "max_position_embeddings": 65536, "axial_pos_shape": [128, 512],
         "axial_pos_embds_dim": [256, 768], "local_attn_chunk_length": 128,
         "lsh_attn_chunk_length": 256, "num_hashes": 4, "num_buckets": 512,
         "is_decoder": true})"},
}};

constexpr double kMostBuckets = 1 << 30U;

std::optional<ConfigFault> CheckAxial(const ConfigCheck& check) {
  if (!Flag(check.config, "axial_pos_embds")) {
    return std::nullopt;
  }
  for (const char* key : {"axial_pos_shape", "axial_pos_embds_dim"}) {
    if (check.config.contains(key) && check.config.at(key).size() != 2) {
      return ConfigFault{key, std::string(key) + " lists " +
                                  std::to_string(check.config.at(key).size()) +
                                  " numbers; give one for rows and one for columns"};
    }
  }
  const int64_t size = Int(check.config, "hidden_size");
  if (size == 1) {
    return ConfigFault{"hidden_size",
                       "hidden_size 1 leaves no features for both rows and columns; use more"};
  }
  const std::vector<int64_t> sizes = ReformerGridSizes(check.config);
  if (sizes[0] + sizes[1] != size) {
    return ConfigFault{
        check.given.contains("axial_pos_embds_dim") ? "axial_pos_embds_dim" : "hidden_size",
        "axial_pos_embds_dim adds up to " + std::to_string(sizes[0] + sizes[1]) +
            ", hidden_size is " + std::to_string(size) + "; make them agree"};
  }
  return std::nullopt;
}

std::optional<ConfigFault> CheckBuckets(const ConfigCheck& check) {
  if (check.config.at("num_buckets").is_null()) {
    return std::nullopt;
  }
  double product = 1;
  for (const int64_t buckets : ReformerBuckets(check.config, 1)) {
    product *= static_cast<double>(buckets);
    if (buckets % 2 != 0) {
      return ConfigFault{"num_buckets", "num_buckets holds " + std::to_string(buckets) +
                                            ", but a bucket and its opposite make a pair; use " +
                                            std::to_string(buckets + 1)};
    }
  }
  if (product > kMostBuckets) {
    return ConfigFault{"num_buckets",
                       "num_buckets multiplies to more than 2^30; use fewer factors"};
  }
  return std::nullopt;
}

std::optional<ConfigFault> CheckChunks(const ConfigCheck& check) {
  for (const char* key : {"lsh_attn_chunk_length", "lsh_num_chunks_before", "lsh_num_chunks_after",
                          "lsh_attention_probs_dropout_prob"}) {
    if (ReformerHas(check.config, "lsh") && check.config.at(key).is_null()) {
      return ConfigFault{key, std::string(key) + " is null, but there are lsh layers; set it"};
    }
  }
  if (ReformerQuantum(check.config) > kMostReformerPadding) {
    return ConfigFault{"lsh_attn_chunk_length",
                       "the chunk lengths have no common multiple up to 1048576, to which inputs "
                       "are padded; use multiples of one another"};
  }
  for (const char* kind : {"lsh", "local"}) {
    const std::string key = std::string(kind) + "_attn_chunk_length";
    if (auto fault = CheckFits(check, key.c_str()); fault && ReformerHas(check.config, kind)) {
      return fault;
    }
  }
  return std::nullopt;
}

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  if (auto fault = CheckPad(check)) {
    return fault;
  }
  if (auto fault = CheckAxial(check)) {
    return fault;
  }
  if (auto fault = CheckBuckets(check)) {
    return fault;
  }
  return CheckChunks(check);
}

void Shape(const Preset& preset, Json& config) {
  Json layers = Json::array();
  for (int64_t i = 0; i < preset.num_hidden_layers; ++i) {
    layers.push_back(i % 2 == 0 ? "local" : "lsh");
  }
  config["attn_layers"] = layers;
  config["hidden_size"] = preset.hidden_size;
  config["num_attention_heads"] = preset.num_attention_heads;
  config["attention_head_size"] = preset.hidden_size / preset.num_attention_heads;
  config["feed_forward_size"] = preset.intermediate_size;
}

// Of each kind that there is.
void SetLayers(Json& config, int64_t layers) {
  Json kinds = Json::array();
  for (const char* kind : {"lsh", "local"}) {
    if (ReformerHas(config, kind)) {
      kinds.insert(kinds.end(), static_cast<size_t>(layers), kind);
    }
  }
  config["attn_layers"] = kinds;
}

void Prune(Json& config, const Pruning& pruning) {
  config["num_attention_heads"] = pruning.Heads(Int(config, "num_attention_heads"));
  config["feed_forward_size"] = pruning.Rows(Int(config, "feed_forward_size"));
}

// Where lengths are profiled, rows are added for positions that a job extends.
void Finish(Json& config, bool profiling) {
  std::vector<int64_t> shape = ReformerGrid(config);
  const int64_t positions = Int(config, "max_position_embeddings");
  if (profiling && Flag(config, "axial_pos_embds") && shape[0] * shape[1] < positions) {
    shape[0] = RoundUp(positions, shape[1]) / shape[1];
  }
  config["axial_pos_shape"] = shape;
  config["axial_pos_embds_dim"] = ReformerGridSizes(config);
}

LengthLimits Limits(const Json& config, bool profiling) {
  LengthLimits limits = EncoderLimits(config, profiling);
  if (!Flag(config, "axial_pos_embds")) {
    return limits;
  }
  const std::vector<int64_t> shape = ReformerGrid(config);
  if (const int64_t cells = shape[0] * shape[1]; cells < limits.max) {
    limits.max = cells;
    limits.max_reason =
        "its axial_pos_shape holds positions for " + std::to_string(cells) + " tokens";
  }
  return limits;
}

}  // namespace

constinit const Model kReformer = {
    .name = "reformer",
    .what = "attention inside buckets of hashed tokens, reversible layers",
    .cost_order = "O(n c d + n d^2)",
    .source = "Kitaev et al., Reformer, ICLR 2020 (arXiv:2001.04451)",
    .keys = kKeys,
    .inert_keys = kInertKeys,
    .sizes = kSizes,
    .padding = "to a common multiple of the chunk lengths; not up to the shorter of them",
    .lengths = "1 to max_position_embeddings, and to what axial_pos_shape holds",
    .rules = {.check = Check,
              .shape = Shape,
              .quantum = ReformerQuantum,
              .finish = Finish,
              .limits = Limits,
              .parameters = ReformerParameters,
              .cost = ReformerCost,
              .axes = {.set_layers = SetLayers,
                       .prune = Prune,
                       .no_checkpointing = "its layers are reversible, so training keeps none of "
                                           "their activations anyway"}},
};

}  // namespace cusp::catalog
