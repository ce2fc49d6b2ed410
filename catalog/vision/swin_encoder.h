// Keys, checks and costs that the models with Swin's backbone share.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "catalog/config_values.h"
#include "catalog/model.h"
#include "catalog/text/encoder.h"
#include "catalog/vision/images.h"

namespace cusp::catalog {

// With the defaults of transformers but for dropout.
inline constexpr std::array<Key, 15> kSwinKeys = {{
    {"image_size", "integer", "224", "image side that the model is made for", 1, 32768},
    {"patch_size", "integer", "4", "pixels along a patch; at most image_size", 1, 32768},
    {"num_channels", "integer", "3", "channels of an image", 1, 1024},
    {"embed_dim", "integer", "96", "features of the first stage, doubled by each further one", 1,
     1e6},
    {"depths", "integer list", "[2, 2, 6, 2]", "blocks of each stage", 1, 1e4},
    {"num_heads", "integer list", "[3, 6, 12, 24]", "attention heads of each stage", 1, 1e5},
    {"window_size", "integer", "7", "patches along a window", 1, 1024},
    {"mlp_ratio", "number", "4.0", "features inside the feed-forward part, times those outside",
     1e-3, 1e3},
    {"qkv_bias", "boolean", "true", "whether query, key and value have biases"},
    {"hidden_act", "string", R"("gelu")", "activation of the feed-forward part", -1e300, 1e300,
     kActivations},
    {"layer_norm_eps", "number", "1e-05", "added to variances", 1e-30, 1.0},
    {"initializer_range", "number", "0.02", "standard deviation of random weights", 1e-12, 10.0},
    {"hidden_dropout_prob", "number", "0.0", "dropout after projections, in training", 0.0, 0.99},
    {"attention_probs_dropout_prob", "number", "0.0", "dropout on attention, in training", 0.0,
     0.99},
    {"drop_path_rate", "number", "0.0",
     "how often an image does without the last block's branches, in training; earlier blocks' "
     "less, "
     "down to 0",
     0.0, 0.99},
}};

// Of published files: derived ones, and backbones' outputs.
inline constexpr InertKey kSwinInertKeys[] = {
    InertKey{"encoder_stride"}, InertKey{"hidden_size"},
    InertKey{"num_layers"},     InertKey{"out_features"},
    InertKey{"out_indices"},    InertKey{"path_norm"},
    InertKey{"stage_names"},    InertKey{"use_absolute_embeddings", "false"},
};

// The published sizes of both Swins are the same but for names and windows.
inline constexpr std::string_view kSwinLengths =
    "1 to 32768 pixels of image side; patches and windows are filled up";

std::optional<ConfigFault> CheckSwin(const ConfigCheck& check);

// tiny and small are of the other models' sizes; base and large are Swin-B and Swin-L.
void ShapeSwin(const Preset& preset, nlohmann::json& config);

// Features of a head, and rows of the feed-forward part, in stage `stage`. Pruning leaves
// them under head_dims and mlp_rows.
int64_t SwinHeadSize(const nlohmann::json& config, size_t stage);
int64_t SwinRows(const nlohmann::json& config, size_t stage);

void PruneSwin(nlohmann::json& config, const Pruning& pruning);
// So many blocks in each stage.
void SetSwinDepths(nlohmann::json& config, int64_t layers);
// Blocks of a stage are alike; those of two stages are not.
inline constexpr AxisRules kSwinAxes = {.set_layers = SetSwinDepths, .prune = PruneSwin};

// What inputs are a multiple of where no window has to be filled up.
int64_t SwinQuantum(const nlohmann::json& config);

// Patches of the first stage.
int64_t SwinTokens(const nlohmann::json& config, int64_t pixels);

// One stage over a square image.
struct SwinStage {
  size_t index = 0;
  int64_t side = 0;    // of the feature map
  int64_t window = 0;  // patches along a window
  int64_t padded = 0;  // side in whole windows
  double features = 0;
  double heads = 0;
  double head_size = 0;
  double depth = 0;
  double rows = 0;  // of the feed-forward part

  // Features of all heads.
  double inner() const { return heads * head_size; }
};

// Visits every stage. `fixed` clamps windows by image_size, as Swin V2 does, and not
// by the input.
void ForEachSwinStage(const nlohmann::json& config, int64_t pixels, bool fixed,
                      const std::function<void(const SwinStage& stage)>& visit);

// Cost of the backbone; `extra` adds that of one block which is not Swin's.
void SwinCost(const nlohmann::json& config, const Workload& work, bool fixed, CostTally& tally,
              const std::function<void(const SwinStage& stage)>& extra);

// Of patches, blocks and merging, without what is V1's or V2's alone.
double SwinParameters(const nlohmann::json& config);

// All rules, given those that a model has of its own.
constexpr ModelRules SwinRules(decltype(ModelRules::parameters) parameters,
                               decltype(ModelRules::cost) cost,
                               decltype(ModelRules::check) check = CheckSwin) {
  return {.check = check,
          .shape = ShapeSwin,
          .quantum = SwinQuantum,
          .limits = ImageLimits,
          .parameters = parameters,
          .tokens = SwinTokens,
          .cost = cost,
          .axes = kSwinAxes};
}

}  // namespace cusp::catalog
