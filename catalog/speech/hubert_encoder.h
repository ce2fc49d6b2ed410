// Keys, checks and costs that the models with HuBERT's skeleton share. Lengths are
// samples of 16 kHz audio.
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

namespace cusp::catalog {

inline constexpr std::string_view kWaveLengths =
    "from one frame (400 samples with the default convolutions) to an hour";

// The keys of the skeleton, with the defaults of transformers but for dropout.
inline constexpr std::array<Key, 22> kHubertKeys = {{
    {"hidden_size", "integer", "768", "features of a frame; a multiple of num_attention_heads", 1,
     1e6},
    {"num_hidden_layers", "integer", "12", "layers", 1, 1e4},
    {"num_attention_heads", "integer", "12", "attention heads of a layer", 1, 1e5},
    {"intermediate_size", "integer", "3072", "features inside the feed-forward part", 1, 1e7},
    {"hidden_act", "string", R"("gelu")", "activation of the feed-forward part", -1e300, 1e300,
     kActivations},
    {"conv_dim", "integer list", "[512, 512, 512, 512, 512, 512, 512]",
     "channels of each convolution over the waveform", 1, 1e5},
    {"conv_kernel", "integer list", "[10, 3, 3, 3, 3, 2, 2]", "taps of each, as many as conv_dim",
     1, 1e4},
    {"conv_stride", "integer list", "[5, 2, 2, 2, 2, 2, 2]", "strides of each, as many as conv_dim",
     1, 1e4},
    {"conv_bias", "boolean", "false", "whether these convolutions have biases"},
    {"feat_extract_norm", "string", R"("group")",
     "norm of these convolutions: group, over time and after the first alone, or layer", -1e300,
     1e300, "group layer"},
    {"feat_extract_activation", "string", R"("gelu")",
     "activation of these convolutions and of the positions", -1e300, 1e300, kActivations},
    {"feat_proj_layer_norm", "boolean", "true", "whether frames are normed before the projection"},
    {"num_conv_pos_embeddings", "integer", "128", "taps of the convolution that gives positions", 1,
     1e5},
    {"num_conv_pos_embedding_groups", "integer", "16", "its groups; a divisor of hidden_size", 1,
     1e6},
    {"do_stable_layer_norm", "boolean", "false", "norms before each part, not after it"},
    {"layer_norm_eps", "number", "1e-05", "added to variances", 1e-30, 1.0},
    {"initializer_range", "number", "0.02", "standard deviation of random weights", 1e-12, 10.0},
    {"hidden_dropout", "number", "0.0", "dropout after projections, in training", 0.0, 0.99},
    {"activation_dropout", "number", "0.0", "dropout inside the feed-forward part, in training",
     0.0, 0.99},
    {"attention_dropout", "number", "0.0", "dropout on attention, in training", 0.0, 0.99},
    {"feat_proj_dropout", "number", "0.0", "dropout after the projection of frames, in training",
     0.0, 0.99},
    {"layerdrop", "number", "0.0",
     "how often a layer is left out of a training step; costs are stated without", 0.0, 0.99},
}};

// Of published files: heads, losses, masking in training, and what the authors' own code
// called things.
inline constexpr InertKey kHubertInertKeys[] = {
    InertKey{"adapter_attn_dim", "null"},
    InertKey{"apply_spec_augment"},
    InertKey{"classifier_proj_size"},
    InertKey{"conv_pos_batch_norm", "false"},
    InertKey{"ctc_loss_reduction"},
    InertKey{"ctc_zero_infinity"},
    InertKey{"feat_extract_dropout"},
    InertKey{"final_dropout"},
    InertKey{"freeze_feat_extract_train"},
    InertKey{"mask_channel_length"},
    InertKey{"mask_channel_min_space"},
    InertKey{"mask_channel_other"},
    InertKey{"mask_channel_prob"},
    InertKey{"mask_channel_selection"},
    InertKey{"mask_feature_length"},
    InertKey{"mask_feature_min_masks"},
    InertKey{"mask_feature_prob"},
    InertKey{"mask_time_length"},
    InertKey{"mask_time_min_masks"},
    InertKey{"mask_time_min_space"},
    InertKey{"mask_time_other"},
    InertKey{"mask_time_prob"},
    InertKey{"mask_time_selection"},
    InertKey{"no_mask_channel_overlap"},
    InertKey{"no_mask_time_overlap"},
    InertKey{"num_feat_extract_layers"},
    InertKey{"pad_token_id"},
    InertKey{"use_weighted_layer_sum"},
    InertKey{"vocab_size"},
};

// Lists of one length, groups that divide the features, a receptive field below an hour.
std::optional<ConfigFault> CheckHubert(const ConfigCheck& check);

// A preset's shape, with a front-end in proportion: 2/3 of its features, at most 512.
void ShapeHubert(const Preset& preset, nlohmann::json& config);

// Frames of a waveform, floor((samples - 400) / 320) + 1 with the default convolutions.
int64_t Frames(const nlohmann::json& config, int64_t samples);
// Samples from one frame to the next.
int64_t FrameStride(const nlohmann::json& config);
// Samples that make no further frame: 399 beyond a multiple of the stride.
int64_t FrameSlack(const nlohmann::json& config);

LengthLimits HubertLimits(const nlohmann::json& config, bool profiling);
double HubertParameters(const nlohmann::json& config);

// Cost of the skeleton with layers over `frames` (padded); `mixing` adds that of one
// layer's attention without its four projections.
void HubertCost(const nlohmann::json& config, int64_t samples, int64_t frames, CostTally& tally,
                const std::function<void()>& mixing);

}  // namespace cusp::catalog
