// Softmax attention of every token to every token, or to those before it.
#pragma once

#include <memory>
#include <string>

#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/query_key_value.h"
#include "worker/models/layers/self_attention.h"

namespace cusp::models {

// Registers what QueryKeyValue does. Decodes with a cache of keys and values.
class PlainAttention : public SelfAttention {
 public:
  PlainAttention(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                 AttentionBackend backend);

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override;
  std::unique_ptr<LayerState> NewState() const override;
  at::Tensor Extend(const at::Tensor& x, LayerState& state) override;
  std::string KernelUsed() const override { return core_.KernelUsed(); }

 private:
  QueryKeyValue qkv_;
  AttentionCore core_;
};

}  // namespace cusp::models
