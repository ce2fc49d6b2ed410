// Learned positions of a grid that a sequence fills row by row (Kitaev et al., "Reformer",
// 2020; Ho et al., "Axial Attention", 2019): some features belong to the row, the others to
// the column, so a table for n tokens has about 2 root(n) rows.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <string>

#include "worker/models/layers/parameter_store.h"

namespace cusp::models {

struct AxialPositionOptions {
  std::array<int64_t, 2> shape = {1, 1};  // rows, columns
  std::array<int64_t, 2> sizes = {1, 1};  // features of a row, of a column
  double initializer_range = 1;
  double dropout = 0;  // of whole columns; 0 outside training
};

// Registers PREFIX.weights.0 [rows, 1, sizes[0]] and PREFIX.weights.1 [1, columns, sizes[1]].
class AxialPositions {
 public:
  AxialPositions(ParameterStore& store, const std::string& prefix,
                 const AxialPositionOptions& options);

  // Of the first `length` cells, for each sample or for all: [B or 1, length, features].
  at::Tensor operator()(int64_t batch_size, int64_t length) const;

 private:
  AxialPositionOptions options_;
  at::Tensor rows_;
  at::Tensor columns_;
};

}  // namespace cusp::models
