// Softmax attention of each token to those near it, in linear time.
#pragma once

#include <cstdint>
#include <string>

#include "worker/models/layers/query_key_value.h"
#include "worker/models/layers/self_attention.h"
#include "worker/models/layers/sliding_window.h"

namespace cusp::models {

// Attends where |i - j| <= window / 2. Registers what QueryKeyValue does.
class BandedAttention : public SelfAttention {
 public:
  BandedAttention(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                  int64_t window);

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override;

 private:
  QueryKeyValue qkv_;
  SlidingWindow window_;
  double dropout_;
};

}  // namespace cusp::models
