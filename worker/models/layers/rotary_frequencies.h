// How fast each pair of features turns in rotary positions, with the ways that
// transformers (modeling_rope_utils) knows to stretch them over longer contexts.
#pragma once

#include <cstdint>
#include <vector>

namespace cusp::models {

enum class RotaryType {
  kDefault,
  kProportional,  // pairs beyond `rotated_part` of the head stand still; `factor`
  kLinear,        // `factor`
  kDynamic,       // base grows with inputs beyond `context` (NTK-aware); `factor`
  kYarn,          // Peng et al., YaRN, 2023, section 3; by how often a pair turns in `context`
  kLongRope,      // Ding et al., LongRoPE, 2024; `short_factors`, beyond `context` `long_factors`
  kLlama3,        // Llama 3.1: by wavelength against `context`
};

struct RotaryScaling {
  RotaryType type = RotaryType::kDefault;
  double factor = 1;         // of the context
  int64_t context = 0;       // tokens of an input in pretraining
  double rotated_part = 1;   // of a head
  double beta_fast = 32;     // kYarn: turns within `context` from which a pair is left alone,
  double beta_slow = 1;      // and up to which it is stretched in full
  bool truncate = true;      // kYarn: these bounds fall on whole pairs
  double low_frequency = 1;  // kLlama3: the same bounds
  double high_frequency = 4;
  std::vector<double> short_factors = {};  // one for each pair
  std::vector<double> long_factors = {};
  double magnitude = 1;  // of the turned features
};

// Where inputs of different length have frequencies of their own, so do different
// values of this.
int64_t RotaryRegime(const RotaryScaling& scaling, int64_t tokens);

// Radians for each token of the head's pairs, for inputs of `tokens`. `head_size` is
// even, kDynamic needs more than 2, kYarn a theta above 1.
std::vector<float> RotaryFrequencies(int64_t head_size, double theta, const RotaryScaling& scaling,
                                     int64_t tokens);

// The usual `magnitude` of kYarn and kLongRope, where a configuration gives none.
double YarnMagnitude(double factor, double scale = 1);
double LongRopeMagnitude(double factor, int64_t context);

}  // namespace cusp::models
