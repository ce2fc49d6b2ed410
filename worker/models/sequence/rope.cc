#include "worker/models/sequence/rope.h"

#include <optional>
#include <string>
#include <utility>

namespace cusp::models {
namespace {

RotaryType RotaryTypeOf(const std::string& name) {
  const std::pair<const char*, RotaryType> types[] = {
      {"proportional", RotaryType::kProportional}, {"linear", RotaryType::kLinear},
      {"dynamic", RotaryType::kDynamic},           {"yarn", RotaryType::kYarn},
      {"longrope", RotaryType::kLongRope},         {"llama3", RotaryType::kLlama3}};
  for (const auto& [known, type] : types) {
    if (name == known) {
      return type;
    }
  }
  return RotaryType::kDefault;
}

// attention_factor, or what the papers advise.
double MagnitudeOf(const nlohmann::json& rope, const RotaryScaling& scaling) {
  const auto given = [&](const char* key) {
    const nlohmann::json value = rope.value(key, nlohmann::json());
    return value.is_null() ? std::nullopt : std::optional(value.get<double>());
  };
  if (const std::optional<double> factor = given("attention_factor"); factor.has_value()) {
    return *factor;
  }
  if (scaling.type == RotaryType::kLongRope) {
    return LongRopeMagnitude(scaling.factor, scaling.context);
  }
  if (scaling.type != RotaryType::kYarn) {
    return 1;
  }
  const double scale = given("mscale").value_or(0);
  const double scale_all = given("mscale_all_dim").value_or(0);
  return scale != 0 && scale_all != 0
             ? YarnMagnitude(scaling.factor, scale) / YarnMagnitude(scaling.factor, scale_all)
             : YarnMagnitude(scaling.factor);
}

}  // namespace

RotaryScaling RotaryScalingOf(const Config& config) {
  const nlohmann::json& rope = config.values().at("rope_parameters");
  RotaryScaling scaling;
  scaling.type = RotaryTypeOf(rope.at("rope_type").get<std::string>());
  scaling.factor = rope.value("factor", scaling.factor);
  scaling.context =
      rope.value("original_max_position_embeddings", config.Int("max_position_embeddings"));
  scaling.rotated_part = rope.value("partial_rotary_factor", scaling.rotated_part);
  scaling.beta_fast = rope.value("beta_fast", scaling.beta_fast);
  scaling.beta_slow = rope.value("beta_slow", scaling.beta_slow);
  scaling.truncate = rope.value("truncate", scaling.truncate);
  scaling.low_frequency = rope.value("low_freq_factor", scaling.low_frequency);
  scaling.high_frequency = rope.value("high_freq_factor", scaling.high_frequency);
  scaling.short_factors = rope.value("short_factor", scaling.short_factors);
  scaling.long_factors = rope.value("long_factor", scaling.long_factors);
  scaling.magnitude = MagnitudeOf(rope, scaling);
  return scaling;
}

}  // namespace cusp::models
