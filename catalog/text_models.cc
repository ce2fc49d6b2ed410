#include "catalog/text_models.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>

#include "catalog/encoder_keys.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kBertKeys = EncoderKeys({});

constexpr auto kLongformerKeys =
    Join(EncoderKeys({.pad_token_id = "1"}),
         std::array<Key, 1>{{{"attention_window", "integer or list", "512",
                              "tokens that a token attends to, half on each side: even, one number "
                              "or one for each layer",
                              2, 1048576}}});

constexpr auto kNystromformerKeys = Join(
    EncoderKeys({.hidden_act = R"("gelu_new")", .layer_norm_eps = "1e-05", .pad_token_id = "1"}),
    std::array<Key, 3>{
        {{"num_landmarks", "integer", "64", "segments whose means stand for all tokens", 1, 1e6},
         {"conv_kernel_size", "integer or null", "65",
          "taps of the convolution over values: odd, or null for none", 1, 1e4},
         {"segment_means_seq_len", "integer", "", "follows the input's length when profiling", 1,
          1e8}}});

constexpr auto kLinformerKeys = Join(
    EncoderKeys({}), std::array<Key, 1>{{{"linformer_k", "integer", "256",
                                          "rows that keys and values are projected to", 1, 1e6}}});

std::optional<ConfigFault> CheckEncoder(const ConfigCheck& check) {
  const int64_t hidden = Int(check.config, "hidden_size");
  const int64_t heads = Int(check.config, "num_attention_heads");
  if (hidden % heads != 0) {
    const bool heads_given = check.given.contains("num_attention_heads");
    return ConfigFault{heads_given ? "num_attention_heads" : "hidden_size",
                       "hidden_size " + std::to_string(hidden) +
                           " is not a multiple of num_attention_heads " + std::to_string(heads) +
                           "; change one of them"};
  }
  const int64_t pad = Int(check.config, "pad_token_id");
  const int64_t vocabulary = Int(check.config, "vocab_size");
  if (pad >= vocabulary) {
    return ConfigFault{check.given.contains("pad_token_id") ? "pad_token_id" : "vocab_size",
                       "pad_token_id " + std::to_string(pad) + " lies outside the vocabulary of " +
                           std::to_string(vocabulary) + "; use 0 to " +
                           std::to_string(vocabulary - 1)};
  }
  if (check.config.at("is_decoder").get<bool>()) {
    return ConfigFault{"is_decoder",
                       "this version measures encoders only; leave is_decoder out or set it false"};
  }
  return std::nullopt;
}

int64_t NoPadding(const Json& /*config*/) { return 1; }

int64_t OnePositionEach(const Json& /*config*/, int64_t length) { return length; }

void FinishNothing(Json& /*config*/) {}

std::string PositionReason(int64_t tokens) {
  return "its max_position_embeddings holds positions for " + std::to_string(tokens) + " tokens";
}

LengthLimits EncoderLimits(const Json& config) {
  const int64_t positions = Int(config, "max_position_embeddings");
  return {.max = positions, .max_reason = PositionReason(positions)};
}

double EncoderParameters(const Json& config) {
  const double d = Real(config, "hidden_size");
  const double f = Real(config, "intermediate_size");
  const double embeddings = Real(config, "vocab_size") + Real(config, "max_position_embeddings") +
                            Real(config, "type_vocab_size") + 2;
  const double layer = 4 * (d * d + d) + 2 * d * f + f + d + 4 * d;
  return embeddings * d + Real(config, "num_hidden_layers") * layer;
}

// Inputs are padded so that the blocks of every layer fit: to the least common
// multiple of the windows, which mostly is the largest. More than kMostPadding
// stands for all beyond it.
constexpr int64_t kMostPadding = int64_t{1} << 20U;

int64_t WindowPadding(const Json& config) {
  const Json& window = config.at("attention_window");
  if (!window.is_array()) {
    return window.get<int64_t>();
  }
  int64_t padding = 1;
  for (const Json& one : window) {
    padding = std::lcm(padding, one.get<int64_t>());
    if (padding > kMostPadding) {
      return kMostPadding + 1;
    }
  }
  return padding;
}

std::optional<ConfigFault> CheckWindow(const Json& window, const ConfigCheck& check) {
  const int64_t w = window.get<int64_t>();
  if (w % 2 != 0) {
    return ConfigFault{"attention_window", "attention_window " + std::to_string(w) +
                                               " is odd; half of it lies on each side, so use " +
                                               std::to_string(w + 1)};
  }
  int64_t allowed = check.longest;
  if (check.given.contains("max_position_embeddings")) {
    allowed = std::max(allowed, Int(check.given, "max_position_embeddings"));
  }
  // The family's default may exceed a short job's lengths: that is what it
  // costs there. A window that somebody chose so is a mistake.
  if (check.given.contains("attention_window") && w > allowed) {
    return ConfigFault{"attention_window",
                       "attention_window " + std::to_string(w) + " is larger than " +
                           std::to_string(allowed) +
                           ", the longest input; use a smaller window or raise lengths.max"};
  }
  return std::nullopt;
}

std::optional<ConfigFault> CheckLongformer(const ConfigCheck& check) {
  if (auto fault = CheckEncoder(check)) {
    return fault;
  }
  const Json& window = check.config.at("attention_window");
  if (!window.is_array()) {
    return CheckWindow(window, check);
  }
  const int64_t layers = Int(check.config, "num_hidden_layers");
  if (static_cast<int64_t>(window.size()) != layers) {
    return ConfigFault{"attention_window", "attention_window lists " +
                                               std::to_string(window.size()) + " windows for " +
                                               std::to_string(layers) +
                                               " layers; give one number, or one for each layer"};
  }
  for (const Json& one : window) {
    if (auto fault = CheckWindow(one, check)) {
      return fault;
    }
  }
  if (WindowPadding(check.config) > kMostPadding) {
    return ConfigFault{"attention_window",
                       "the windows have no common multiple up to 1048576, to which inputs are "
                       "padded; use multiples of one another"};
  }
  return std::nullopt;
}

// Positions count from pad + 1; padding itself takes the position of pad.
int64_t LongformerPositions(const Json& config, int64_t length) {
  return length + Int(config, "pad_token_id") + 1;
}

void FinishLongformer(Json& config) {
  Json& window = config["attention_window"];
  if (!window.is_array()) {
    window = Json(static_cast<size_t>(Int(config, "num_hidden_layers")), window);
  }
}

LengthLimits LongformerLimits(const Json& config) {
  const int64_t tokens = Int(config, "max_position_embeddings") - Int(config, "pad_token_id") - 1;
  return {.max = tokens,
          .max_reason = PositionReason(tokens) + ", the first being pad_token_id + 1"};
}

// Global attention has projections of its own for query, key and value.
double LongformerParameters(const Json& config) {
  const double d = Real(config, "hidden_size");
  return EncoderParameters(config) + Real(config, "num_hidden_layers") * 3 * (d * d + d);
}

// Taps of the convolution; 0: there is none.
int64_t Taps(const Json& config) {
  const Json& taps = config.at("conv_kernel_size");
  return taps.is_null() ? 0 : taps.get<int64_t>();
}

std::optional<ConfigFault> CheckNystromformer(const ConfigCheck& check) {
  if (auto fault = CheckEncoder(check)) {
    return fault;
  }
  const int64_t landmarks = Int(check.config, "num_landmarks");
  if (check.given.contains("segment_means_seq_len") &&
      Int(check.given, "segment_means_seq_len") == landmarks) {
    return ConfigFault{"segment_means_seq_len",
                       "segment_means_seq_len equals num_landmarks (" + std::to_string(landmarks) +
                           "), which makes the reference compute plain softmax attention; leave it "
                           "out: it follows the input's length"};
  }
  if (const int64_t kernel = Taps(check.config); kernel > 0 && kernel % 2 == 0) {
    return ConfigFault{"conv_kernel_size", "conv_kernel_size " + std::to_string(kernel) +
                                               " is even, which would change the length; use " +
                                               std::to_string(kernel + 1)};
  }
  return std::nullopt;
}

int64_t Landmarks(const Json& config) { return Int(config, "num_landmarks"); }

// Never equal to num_landmarks, because shorter inputs are refused.
void FinishNystromformer(Json& config) {
  config["segment_means_seq_len"] = config.at("max_position_embeddings");
}

LengthLimits NystromformerLimits(const Json& config) {
  const int64_t landmarks = Landmarks(config);
  // Padding to whole segments takes positions too.
  const int64_t tokens = Int(config, "max_position_embeddings") / landmarks * landmarks;
  return {.min = landmarks + 1,
          .min_reason = "up to num_landmarks (" + std::to_string(landmarks) +
                        ") tokens the reference computes plain softmax attention instead",
          .max = tokens,
          .max_reason = PositionReason(tokens) + " in whole segments of num_landmarks"};
}

double NystromformerParameters(const Json& config) {
  return EncoderParameters(config) + Real(config, "num_hidden_layers") *
                                         Real(config, "num_attention_heads") *
                                         static_cast<double>(Taps(config));
}

// E and F, of each layer.
double LinformerParameters(const Json& config) {
  return EncoderParameters(config) + 2 * Real(config, "num_hidden_layers") *
                                         Real(config, "max_position_embeddings") *
                                         Real(config, "linformer_k");
}

}  // namespace

std::span<const Key> BertKeys() { return kBertKeys; }
std::span<const Key> LongformerKeys() { return kLongformerKeys; }
std::span<const Key> NystromformerKeys() { return kNystromformerKeys; }
std::span<const Key> LinformerKeys() { return kLinformerKeys; }

const ModelRules kBertRules = {CheckEncoder,  NoPadding,     OnePositionEach,
                               FinishNothing, EncoderLimits, EncoderParameters};
const ModelRules kLongformerRules = {CheckLongformer,  WindowPadding,    LongformerPositions,
                                     FinishLongformer, LongformerLimits, LongformerParameters};
const ModelRules kNystromformerRules = {CheckNystromformer,  Landmarks,
                                        OnePositionEach,     FinishNystromformer,
                                        NystromformerLimits, NystromformerParameters};
const ModelRules kLinformerRules = {CheckEncoder,  NoPadding,     OnePositionEach,
                                    FinishNothing, EncoderLimits, LinformerParameters};

}  // namespace cusp::catalog
