// Rotary position embedding (Su et al., RoFormer, 2021, eq. 34), in the form of
// transformers: features i and i + d / 2 make a pair.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "worker/models/layers/rotary_frequencies.h"

namespace cusp::models {

// Of consecutive tokens. Broadcasts over heads.
struct RotaryTables {
  at::Tensor cosine = {};  // [n, 1, d]
  at::Tensor sine = {};    // [n, 1, d / 2]
};

// Keeps its tables and lengthens them when asked for more. One for all layers of a
// model; not thread-safe.
class Rotary {
 public:
  // `head_size` is even; pair i turns by theta^(-2 i / head_size) for each token, or as
  // `scaling` has it.
  Rotary(int64_t head_size, double theta, at::ScalarType dtype, at::Device device,
         RotaryScaling scaling = {});

  // Of `length` tokens that `before` others precede, all of them one input. Valid until
  // the next call.
  RotaryTables At(int64_t before, int64_t length);

 private:
  // Of positions `begin` to `end`, for inputs of `tokens`.
  void MakeTables(int64_t begin, int64_t end, int64_t tokens);

  int64_t head_size_;
  double theta_;
  at::ScalarType dtype_;
  at::Device device_;
  RotaryScaling scaling_;
  int64_t regime_ = 0;  // of the tables, which begin at this position
  int64_t begin_ = 0;
  at::Tensor cosine_;
  at::Tensor sine_;
};

// positions [n] times frequencies [p]: [n, p] in float32, where the positions are.
at::Tensor Angles(const at::Tensor& positions, const std::vector<float>& frequencies);

// x [B, n, h, d], each pair turned by its token's angle. Features beyond those of the tables
// stay as they are.
at::Tensor Rotate(const at::Tensor& x, const RotaryTables& tables);

}  // namespace cusp::models
