#include "catalog/builtin_models.h"
#include "catalog/speech/hubert_encoder.h"

namespace cusp::catalog {
namespace {

constexpr std::array<Size, 3> kSizes = {{
    {"hubert-base", "{}"},
    {"hubert-large",
     R"({"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
         "intermediate_size": 4096, "conv_bias": true, "feat_extract_norm": "layer",
         "do_stable_layer_norm": true})"},
    {"hubert-xlarge",
     R"({"hidden_size": 1280, "num_hidden_layers": 48, "num_attention_heads": 16,
         "intermediate_size": 5120, "conv_bias": true, "feat_extract_norm": "layer",
         "do_stable_layer_norm": true})"},
}};

void Cost(const nlohmann::json& config, const Workload& work, CostTally& tally) {
  const int64_t frames = Frames(config, work.length);
  HubertCost(config, work.length, frames, tally,
             [&] { PlainAttentionCost(config, frames, tally); });
}

}  // namespace

constinit const Model kHubert = {
    .name = "hubert",
    .modality = Modality::kSpeech,
    .what = "plain encoder of waveforms: the baseline of speech",
    .cost_order = "O(n^2 d + n d^2), n = 50 frames a second",
    .source = "Hsu et al., HuBERT, TASLP 2021 (arXiv:2106.07447)",
    .attention_backends = true,
    .keys = kHubertKeys,
    .inert_keys = kHubertInertKeys,
    .sizes = kSizes,
    .padding = "none; what does not fill a frame is left out",
    .lengths = kWaveLengths,
    .rules = {.check = CheckHubert,
              .shape = ShapeHubert,
              .quantum = FrameStride,
              .slack = FrameSlack,
              .limits = HubertLimits,
              .parameters = HubertParameters,
              .tokens = Frames,
              .cost = Cost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
