// Softmax attention inside windows, with a bias for the offset between two patches.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>

#include "worker/models/layers/linear.h"
#include "worker/models/layers/self_attention.h"
#include "worker/models/layers/windows.h"

namespace cusp::models {

// What both Swins' attention shares. Owned by its model, used by one thread.
class WindowAttention {
 public:
  virtual ~WindowAttention() = default;

  // x [B, height * width, d] gives the same shape, without the output projection.
  // `mask` is ShiftMask(cut).
  at::Tensor operator()(const at::Tensor& x, const WindowCut& cut, const at::Tensor& mask);

 protected:
  WindowAttention(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                  bool key_bias);

  const AttentionShape& shape() const { return shape_; }

 private:
  // q, k [N, area, d_h] give [N, area, area]; N counts windows and heads, heads last.
  virtual at::Tensor Scores(const at::Tensor& q, const at::Tensor& k) const = 0;
  // [h, area, area], added to the scores.
  virtual at::Tensor Bias(int64_t window) = 0;
  // How often the shift's mask is added.
  virtual int MaskTimes() const { return 1; }

  AttentionShape shape_;
  Linear query_;
  Linear key_;
  Linear value_;
};

// Swin (Liu et al., 2021, eq. 4): scaled products, a table of biases. Registers
// PREFIX.query, .key, .value and .relative_position_bias_table for `window`; smaller
// windows use its middle.
std::unique_ptr<WindowAttention> MakeTableWindowAttention(ParameterStore& store,
                                                          const std::string& prefix,
                                                          const AttentionShape& shape,
                                                          int64_t window);

// Swin V2 (Liu et al., 2022, eq. 2 and section 3.3): cosines times a learnt scale, biases
// computed from the offsets on a logarithmic scale. Registers PREFIX.query, .key (without
// a bias), .value, .logit_scale and .continuous_position_bias_mlp. `pretrained` is the
// window that the offsets are fractions of; 0: `window`.
std::unique_ptr<WindowAttention> MakeCosineWindowAttention(ParameterStore& store,
                                                           const std::string& prefix,
                                                           const AttentionShape& shape,
                                                           int64_t window, int64_t pretrained);

}  // namespace cusp::models
