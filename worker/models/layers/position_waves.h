// Positions as sines and cosines (Vaswani et al., "Attention Is All You Need", 2017, section
// 3.5), all sines first, at any distance from one another.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <tuple>

namespace cusp::models {

// Keeps its tables for as long as the input's length stays the same. One for all layers of a
// model; not thread-safe.
class PositionWaves {
 public:
  // `features` is even.
  PositionWaves(int64_t features, at::ScalarType dtype, at::Device device);

  // Forgets the tables of inputs of other lengths.
  void SetLength(int64_t length);

  // Of the positions first, first + step, …: [count, features].
  const at::Tensor& At(int64_t first, int64_t step, int64_t count);

 private:
  int64_t features_;
  at::ScalarType dtype_;
  at::Device device_;
  int64_t length_ = 0;
  std::map<std::tuple<int64_t, int64_t, int64_t>, at::Tensor> tables_;
};

}  // namespace cusp::models
