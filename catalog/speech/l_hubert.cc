#include <string>

#include "catalog/builtin_models.h"
#include "catalog/speech/hubert_encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys =
    Join(kHubertKeys,
         std::array<Key, 1>{{{"attention_window", "integer", "100",
                              "frames that a frame attends to, half on each side: even", 2, 1e6}}});

constexpr std::array<Size, 1> kSizes = {{{"l-hubert-base", "{}"}}};

int64_t Window(const Json& config) { return Int(config, "attention_window"); }

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  if (auto fault = CheckHubert(check)) {
    return fault;
  }
  if (const int64_t window = Window(check.config); window % 2 != 0) {
    return ConfigFault{"attention_window", "attention_window " + std::to_string(window) +
                                               " is odd; half of it lies on each side, so use " +
                                               std::to_string(window + 1)};
  }
  return std::nullopt;
}

// In samples, like every length.
int64_t WindowSamples(const Json& config) { return Window(config) * FrameStride(config); }

// Half a window of queries meets one and a half of keys.
void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const int64_t frames = RoundUp(Frames(config, work.length), Window(config));
  const double heads = Real(config, "num_attention_heads");
  const auto head_size = static_cast<double>(HeadSize(config));
  const double reach = static_cast<double>(Window(config)) / 2;
  const double blocks = static_cast<double>(frames) / reach;
  HubertCost(config, work.length, frames, tally, [&] {
    tally.Attention(tally.batch() * heads * blocks, reach, 3 * reach, head_size, head_size);
  });
}

}  // namespace

constinit const Model kLHubert = {
    .name = "l_hubert",
    .modality = Modality::kSpeech,
    .what = "HuBERT whose frames attend to a band around them, chunked",
    .cost_order = "O(n w d + n d^2), n = 50 frames a second",
    .source = "Diwan, Choi and Harwath, When to Use Efficient Self Attention?, ACL 2023",
    .keys = kKeys,
    .inert_keys = kHubertInertKeys,
    .sizes = kSizes,
    .padding = "to a multiple of attention_window, in frames",
    .lengths = kWaveLengths,
    .rules = {.check = Check,
              .shape = ShapeHubert,
              .quantum = WindowSamples,
              .slack = FrameSlack,
              .limits = HubertLimits,
              .parameters = HubertParameters,
              .tokens = Frames,
              .cost = Cost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
