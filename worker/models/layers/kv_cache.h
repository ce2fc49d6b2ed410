// Keys and values of the tokens seen so far, of one attention layer.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "worker/models/layers/self_attention.h"

namespace cusp::models {

// Grows by doubling, so that a token costs one copy of itself, not of all that
// came before. With a window only the last `window` tokens are kept. Not
// thread-safe.
class KvCache : public LayerState {
 public:
  // `window` 0: everything is kept.
  explicit KvCache(int64_t window = 0) : window_(window) {}

  // k, v [B, h, m, d_h] come next. Afterwards keys() and values() hold all tokens kept
  // and these m: [B, h, kept + m, d_h]; valid until the next call.
  void Append(const at::Tensor& k, const at::Tensor& v);

  at::Tensor keys() const { return keys_.narrow(2, begin_, end_ - begin_); }
  at::Tensor values() const { return values_.narrow(2, begin_, end_ - begin_); }
  // Tokens that keys() holds.
  int64_t length() const { return end_ - begin_; }
  // Of these, how many the next Append will find in front of its own.
  int64_t kept() const;

 private:
  void MakeRoom(const at::Tensor& k, const at::Tensor& v);

  int64_t window_;
  int64_t begin_ = 0;
  int64_t end_ = 0;
  at::Tensor keys_;    // [B, h, capacity, d_h]
  at::Tensor values_;  // [B, h, capacity, d_h]
};

}  // namespace cusp::models
