#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys = Join(
    EncoderKeys({.hidden_act = R"("gelu_new")", .layer_norm_eps = "1e-05", .pad_token_id = "1"}),
    std::array<Key, 3>{
        {{"num_landmarks", "integer", "64", "segments whose means stand for all tokens", 1, 1e6},
         {"conv_kernel_size", "integer or null", "65",
          "taps of the convolution over values: odd, or null for none", 1, 1e4},
         {"segment_means_seq_len", "integer", "", "follows the input's length when profiling", 1,
          1e8}}});

// transformers itself cannot build with true.
constexpr std::array<InertKey, 2> kInertKeys = {{
    {"inv_coeff_init_option", "false"},
    {"inv_init_coeff_option", "false"},
}};

constexpr std::array<Size, 1> kSizes = {{
    {"nystromformer-512", R"({"max_position_embeddings": 510})"},
}};

// Taps of the convolution; 0: there is none.
int64_t Taps(const Json& config) {
  const Json& taps = config.at("conv_kernel_size");
  return taps.is_null() ? 0 : taps.get<int64_t>();
}

// Outside profiling the reference's rules hold: one length, whole segments.
std::optional<ConfigFault> CheckSegments(const ConfigCheck& check) {
  if (!check.given.contains("segment_means_seq_len")) {
    return std::nullopt;
  }
  const int64_t landmarks = Int(check.config, "num_landmarks");
  const int64_t length = Int(check.given, "segment_means_seq_len");
  if (check.profiling && length == landmarks) {
    return ConfigFault{"segment_means_seq_len",
                       "segment_means_seq_len equals num_landmarks (" + std::to_string(landmarks) +
                           "), which makes the reference compute plain softmax attention; leave it "
                           "out: it follows the input's length"};
  }
  if (!check.profiling && check.given.contains("max_position_embeddings") &&
      length > Int(check.given, "max_position_embeddings")) {
    return ConfigFault{"segment_means_seq_len", "segment_means_seq_len " + std::to_string(length) +
                                                    " exceeds max_position_embeddings; shorten it"};
  }
  if (!check.profiling && length % landmarks != 0) {
    return ConfigFault{"segment_means_seq_len", "segment_means_seq_len " + std::to_string(length) +
                                                    " is not a multiple of num_landmarks " +
                                                    std::to_string(landmarks) + "; use " +
                                                    std::to_string(RoundUp(length, landmarks))};
  }
  return std::nullopt;
}

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  if (auto fault = CheckEncoder(check)) {
    return fault;
  }
  if (auto fault = CheckSegments(check)) {
    return fault;
  }
  if (const int64_t kernel = Taps(check.config); kernel > 0 && kernel % 2 == 0) {
    return ConfigFault{"conv_kernel_size", "conv_kernel_size " + std::to_string(kernel) +
                                               " is even, which would change the length; use " +
                                               std::to_string(kernel + 1)};
  }
  return std::nullopt;
}

int64_t Landmarks(const Json& config) { return Int(config, "num_landmarks"); }

// When profiling never equal to num_landmarks, because shorter inputs are refused.
void Finish(Json& config, bool profiling) {
  if (profiling) {
    config["segment_means_seq_len"] = config.at("max_position_embeddings");
  } else if (!config.contains("segment_means_seq_len")) {
    config["segment_means_seq_len"] = 64;
  }
}

// What the configuration fixes for one pass: whole segments, or with as many
// landmarks as tokens plain softmax over any length.
LengthLimits LimitsOfOnePass(const Json& config) {
  LengthLimits limits = EncoderLimits(config, /*profiling=*/false);
  const int64_t length = Int(config, "segment_means_seq_len");
  if (length != Landmarks(config)) {
    limits.min_reason = limits.max_reason = "segment_means_seq_len fixes it";
    limits.min = limits.max = length;
  }
  return limits;
}

LengthLimits Limits(const Json& config, bool profiling) {
  if (!profiling) {
    return LimitsOfOnePass(config);
  }
  const int64_t landmarks = Landmarks(config);
  // Whole segments of real tokens, as the reference would need them.
  const int64_t tokens = Int(config, "max_position_embeddings") / landmarks * landmarks;
  return {.min = landmarks + 1,
          .min_reason = "up to num_landmarks (" + std::to_string(landmarks) +
                        ") tokens the reference computes plain softmax attention instead",
          .max = tokens,
          .max_reason = PositionReason(tokens) + " in whole segments of num_landmarks"};
}

// The table holds two rows before the first token's.
double Parameters(const Json& config) {
  return EncoderParameters(config) + 2 * Real(config, "hidden_size") +
         Real(config, "num_hidden_layers") * Real(config, "num_attention_heads") *
             static_cast<double>(Taps(config));
}

constexpr int kIterations = 6;  // of the pseudo-inverse

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double heads = Real(config, "num_attention_heads");
  const auto d_h = static_cast<double>(HeadSize(config));
  const double m = Real(config, "num_landmarks");
  const int64_t tokens = RoundUp(work.length, Landmarks(config));
  const auto n = static_cast<double>(tokens);
  const double count = tally.batch() * heads;
  const auto taps = static_cast<double>(Taps(config));
  EncoderCost(config, tokens, tally, [&] {
    tally.Product(Component::kMixing, count, n, d_h, m);
    tally.Product(Component::kMixing, count, m, d_h, m);
    tally.Product(Component::kMixing, count, m, d_h, n);
    tally.Product(Component::kMixing, count, m, n, d_h);
    for (int i = 0; i < kIterations * 4; ++i) {
      tally.Product(Component::kMixing, count, m, m, m);
    }
    tally.Product(Component::kMixing, count, m, m, d_h);
    tally.Product(Component::kMixing, count, n, m, d_h);
    if (taps > 0) {
      const double positions = tally.batch() * n * d_h;
      tally.Convolution(Component::kMixing, {.inputs = positions,
                                             .in = heads,
                                             .outputs = positions,
                                             .out = heads,
                                             .groups = heads,
                                             .taps = taps});
    }
  });
}

}  // namespace

constinit const Model kNystromformer = {
    .name = "nystromformer",
    .what = "landmarks and an iterated pseudo-inverse",
    .cost_order = "O(n m d + m^3 + n d^2)",
    .source = "Xiong et al., Nyströmformer, AAAI 2021",
    .keys = kKeys,
    .inert_keys = kInertKeys,
    .sizes = kSizes,
    .padding = "to a multiple of num_landmarks",
    .lengths =
        "num_landmarks + 1 to max_position_embeddings in whole segments: with as many landmarks as "
        "tokens the reference computes plain softmax attention instead",
    .rules = {.check = Check,
              .quantum = Landmarks,
              .finish = Finish,
              .limits = Limits,
              .parameters = Parameters,
              .cost = Cost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
