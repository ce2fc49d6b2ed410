#include <algorithm>
#include <numeric>

#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys =
    Join(EncoderKeys({.pad_token_id = "1"}),
         std::array<Key, 1>{{{"attention_window", "integer or list", "512",
                              "tokens that a token attends to, half on each side: even, one number "
                              "or one for each layer",
                              2, 1048576}}});

// Of published files; attention_mode is the original code's.
constexpr std::array<InertKey, 3> kInertKeys = {{
    {"attention_mode", "\"longformer\""},
    {"ignore_attention_mask", "false"},
    {"onnx_export", "false"},
}};

constexpr std::array<Size, 2> kSizes = {{
    {"longformer-base-4096",
     R"({"vocab_size": 50265, "type_vocab_size": 1, "layer_norm_eps": 1e-05,
         "max_position_embeddings": 4098, "attention_window": 512})"},
    {"longformer-large-4096",
     R"({"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
         "intermediate_size": 4096, "vocab_size": 50265, "type_vocab_size": 1,
         "layer_norm_eps": 1e-05, "max_position_embeddings": 4098, "attention_window": 512})"},
}};

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
  if (check.profiling && check.given.contains("attention_window") && w > allowed) {
    return ConfigFault{"attention_window",
                       "attention_window " + std::to_string(w) + " is larger than " +
                           std::to_string(allowed) +
                           ", the longest input; use a smaller window or raise lengths.max"};
  }
  return std::nullopt;
}

std::optional<ConfigFault> Check(const ConfigCheck& check) {
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

void Finish(Json& config, bool /*profiling*/) {
  Json& window = config["attention_window"];
  if (!window.is_array()) {
    window = Json(static_cast<size_t>(Int(config, "num_hidden_layers")), window);
  }
}

// Global attention has projections of its own for query, key and value.
double Parameters(const Json& config) {
  const double projection = (Real(config, "hidden_size") + 1) * InnerSize(config);
  return EncoderParameters(config) + Real(config, "num_hidden_layers") * 3 * projection;
}

// Half a window of queries meets one and a half of keys. No token is global
// when profiling.
void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double heads = Real(config, "num_attention_heads");
  const auto head_size = static_cast<double>(HeadSize(config));
  const int64_t tokens = RoundUp(work.length, WindowPadding(config));
  size_t layer = 0;
  EncoderCost(config, tokens, tally, [&] {
    const double reach = config.at("attention_window").at(layer++).get<double>() / 2;
    const double blocks = static_cast<double>(tokens) / reach;
    tally.Attention(tally.batch() * heads * blocks, reach, 3 * reach, head_size, head_size);
  });
}

}  // namespace

constinit const Model kLongformer = {
    .name = "longformer",
    .what = "sliding-window attention, chunked",
    .cost_order = "O(n w d + n d^2)",
    .source = "Beltagy et al., Longformer, 2020 (arXiv:2004.05150)",
    .keys = kKeys,
    .inert_keys = kInertKeys,
    .sizes = kSizes,
    .padding = "to a multiple of attention_window; of several, their least common multiple",
    .lengths = kByPositionsAfterPadding,
    .rules = {.check = Check,
              .quantum = WindowPadding,
              .positions_for = PositionsAfterPadding,
              .finish = Finish,
              .limits = LimitsAfterPadding,
              .parameters = Parameters,
              .cost = Cost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
