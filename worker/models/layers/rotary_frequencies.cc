#include "worker/models/layers/rotary_frequencies.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cusp::models {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;

// In float32, here and below, as the reference has it: at a thousand tokens the rounding
// shows.
float Power(double theta, int64_t pair, int64_t head_size) {
  return std::pow(static_cast<float>(theta),
                  static_cast<float>(2 * pair) / static_cast<float>(head_size));
}

// theta with which an input of `tokens` makes the slowest pair turn as far as `context`
// does without stretching.
double GrownTheta(double theta, int64_t head_size, const RotaryScaling& scaling, int64_t tokens) {
  const auto context = static_cast<float>(scaling.context);
  const auto factor = static_cast<float>(scaling.factor);
  const float stretch =
      factor * static_cast<float>(std::max(tokens, scaling.context)) / context - (factor - 1);
  const auto size = static_cast<float>(head_size);
  return static_cast<float>(theta) * std::pow(stretch, size / (size - 2));
}

// The pair, in fractions, that turns `turns` times within the context.
double PairThatTurns(double turns, int64_t head_size, double theta, const RotaryScaling& scaling) {
  return static_cast<double>(head_size) *
         std::log(static_cast<double>(scaling.context) / (turns * kTurn)) / (2 * std::log(theta));
}

// How much of each pair's frequency is stretched: 0 at fast ones, 1 at slow ones.
std::vector<float> YarnRamp(int64_t head_size, double theta, const RotaryScaling& scaling) {
  double low = PairThatTurns(scaling.beta_fast, head_size, theta, scaling);
  double high = PairThatTurns(scaling.beta_slow, head_size, theta, scaling);
  if (scaling.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, static_cast<double>(head_size - 1));
  if (low == high) {
    high += 0.001;
  }
  std::vector<float> ramp;
  for (int64_t pair = 0; pair < head_size / 2; ++pair) {
    const float place =
        (static_cast<float>(pair) - static_cast<float>(low)) / static_cast<float>(high - low);
    ramp.push_back(std::clamp(place, 0.0F, 1.0F));
  }
  return ramp;
}

float Llama3Frequency(float frequency, const RotaryScaling& scaling) {
  const auto factor = static_cast<float>(scaling.factor);
  const auto context = static_cast<float>(scaling.context);
  const auto low = static_cast<float>(scaling.low_frequency);
  const auto high = static_cast<float>(scaling.high_frequency);
  const float wavelength = static_cast<float>(kTurn) / frequency;
  if (wavelength > context / low) {
    return frequency / factor;
  }
  if (wavelength < context / high) {
    return frequency;
  }
  const float smooth = (context / wavelength - low) / (high - low);
  return (1 - smooth) * frequency / factor + smooth * frequency;
}

// What the type knows of each pair; zeros where it treats all alike.
std::vector<float> ValuesOfPairs(int64_t head_size, double theta, const RotaryScaling& scaling,
                                 int64_t tokens) {
  if (scaling.type == RotaryType::kYarn) {
    return YarnRamp(head_size, theta, scaling);
  }
  if (scaling.type == RotaryType::kLongRope) {
    const std::vector<double>& factors =
        tokens > scaling.context ? scaling.long_factors : scaling.short_factors;
    return {factors.begin(), factors.end()};
  }
  return std::vector<float>(static_cast<size_t>(head_size / 2));
}

float Frequency(float power, float of_pair, const RotaryScaling& scaling) {
  const auto factor = static_cast<float>(scaling.factor);
  switch (scaling.type) {
    case RotaryType::kProportional:
    case RotaryType::kLinear:
      return 1 / power / factor;
    case RotaryType::kYarn:
      return 1 / (factor * power) * of_pair + 1 / power * (1 - of_pair);
    case RotaryType::kLongRope:
      return 1 / (of_pair * power);
    case RotaryType::kLlama3:
      return Llama3Frequency(1 / power, scaling);
    case RotaryType::kDefault:
    case RotaryType::kDynamic:
      break;
  }
  return 1 / power;
}

}  // namespace

int64_t RotaryRegime(const RotaryScaling& scaling, int64_t tokens) {
  switch (scaling.type) {
    case RotaryType::kDynamic:
      return std::max(tokens, scaling.context);
    case RotaryType::kLongRope:
      return tokens > scaling.context ? 1 : 0;
    default:
      return 0;
  }
}

std::vector<float> RotaryFrequencies(int64_t head_size, double theta, const RotaryScaling& scaling,
                                     int64_t tokens) {
  const double base =
      scaling.type == RotaryType::kDynamic ? GrownTheta(theta, head_size, scaling, tokens) : theta;
  const std::vector<float> of_pairs = ValuesOfPairs(head_size, theta, scaling, tokens);
  std::vector<float> frequencies;
  for (const float of_pair : of_pairs) {
    const auto pair = static_cast<int64_t>(frequencies.size());
    frequencies.push_back(Frequency(Power(base, pair, head_size), of_pair, scaling));
  }
  if (scaling.type == RotaryType::kProportional) {
    const double rotated = std::floor(scaling.rotated_part * static_cast<double>(head_size) / 2);
    std::fill(frequencies.begin() + static_cast<int64_t>(rotated), frequencies.end(), 0.0F);
  }
  return frequencies;
}

double YarnMagnitude(double factor, double scale) {
  return factor <= 1 ? 1 : 0.1 * scale * std::log(factor) + 1;
}

double LongRopeMagnitude(double factor, int64_t context) {
  return factor <= 1 || context <= 1
             ? 1
             : std::sqrt(1 + std::log(factor) / std::log(static_cast<double>(context)));
}

}  // namespace cusp::models
