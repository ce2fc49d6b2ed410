// Which tokens of a padded batch are real, in the forms that attention needs.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace cusp::models {

// Made once for each forward pass. Both tensors stay undefined where every
// token is real, so that no layer spends time on a mask of ones.
struct SequenceMask {
  at::Tensor keep;      // [B, n] bool, true = real token
  at::Tensor additive;  // [B, 1, 1, n], 0 or MaskValue(dtype)
  at::Tensor global;    // [B, n] bool; undefined without global tokens (Longformer)
  bool causal = false;  // tokens attend to themselves and to what came before
  int64_t batch_size = 0;
  int64_t length = 0;
};

// A finite stand-in for minus infinity: a quarter of the type's lowest value,
// so that two masks and a score still add up to something finite, and a row
// that is masked throughout gives no NaN.
double MaskValue(at::ScalarType dtype);

// `attention_mask` [B, n] of any type, 1 = real, or undefined; `padding` tokens
// follow the n of the inputs.
SequenceMask MakeSequenceMask(const at::Tensor& input_ids, const at::Tensor& attention_mask,
                              int64_t padding, at::ScalarType dtype);

}  // namespace cusp::models
